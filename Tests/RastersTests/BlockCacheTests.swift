import Rasters
import Testing

@Suite("GDAL's cache of decoded blocks")
struct BlockCacheTests {
  @Test("A plan counts alone; open scenes have what they ask for, within bounds")
  func demand() {
    var demand = BlockCacheDemand()
    #expect(demand.bytes == 64 << 20)
    demand.held = 100 << 20
    #expect(demand.bytes == 100 << 20)
    demand.held = 1 << 40
    #expect(demand.bytes == 512 << 20)
    demand.planned = 70 << 20
    #expect(demand.bytes == 70 << 20)
  }
}
