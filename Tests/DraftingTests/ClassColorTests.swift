import Drafting
import Products
import Rasters
import Testing

@Suite("Colours of classes that a draft finds")
struct ClassColorTests {
  @Test("Known words have their colours, what begins with 'no' does not, and no two classes are alike")
  func words() {
    let names = ["Water", "deciduous forest", "not forest", "rice", "cropland", "river", "built-up"]
    let colors = ClassColors(names: names, known: names.map { _ in nil }).colors
    #expect(colors[0].description == "#419bdf" && colors[1].description == "#397d49")
    #expect(colors[4].description == "#e49635" && colors[6].description == "#c4281b")
    #expect(colors[2].description != "#397d49" && colors[3].description != "#b39fe1")
    #expect(Set(colors).count == names.count)
  }

  @Test("Up to forty unknown names can be told apart", arguments: [2, 8, 16, 40])
  func unknown(count: Int) {
    let colors = ClassColors(
      names: (0..<count).map { "class \($0)" }, known: Array(repeating: nil, count: count)
    )
    .colors
    let perceived = colors.map(PerceivedColor.init)
    for one in perceived.indices {
      for other in perceived.indices where other > one {
        #expect(perceived[one].distance(to: perceived[other]) > 0.015, "\(colors[one]) \(colors[other])")
      }
    }
  }

  @Test("A colour that a file gives stays, and others keep away from it")
  func known() {
    let own = Color("#397d49")!
    let colors = ClassColors(names: ["moor", "forest"], known: [own, nil]).colors
    #expect(colors[0] == own && colors[1] != own)
  }
}
