import Composites
import Foundation
import NumericOracles
import Rasters
import Scenes
import Testing

/// What numpy makes of drawn stacks of dates; `composites.py` wrote it.
private struct GoldenStacks: Decodable {
  struct Stack: Decodable {
    let dates, bands, pixels, minimum: Int
    let order, numbers, valid, counts, medoid, first, greenest: [Int]
    let median: [UInt32]

    var window: Window { Window(column: 0, row: 0, width: pixels, height: 1) }

    var blocks: [PixelBlock] {
      (0..<dates).map { date in
        let own = numbers[date * bands * pixels..<(date + 1) * bands * pixels]
        return PixelBlock(
          width: pixels, height: 1, bandCount: bands, values: own.map { Float($0) * Float(0.0001) },
          valid: valid[date * pixels..<(date + 1) * pixels].map { $0 == 1 })
      }
    }

    func composed(by method: CompositeMethod) -> CompositeBlock {
      CompositeArithmetic(method, dates: dates, minimum: minimum, order: order)(
        blocks, window: window, bandCount: bands)
    }
  }

  let stacks: [Stack]

  static let read: GoldenStacks = {
    let url = Bundle.module.url(forResource: "Golden/composites", withExtension: "json")!
    return try! JSONDecoder().decode(GoldenStacks.self, from: Data(contentsOf: url))
  }()
}

@Suite("Dates put together pixel by pixel")
struct CompositeArithmeticTests {
  private static let stacks = GoldenStacks.read.stacks

  @Test("Medians are numpy's to the last bit", arguments: 0..<20)
  func median(index: Int) {
    let stack = Self.stacks[index]
    let block = stack.composed(by: .median)
    #expect(block.counts.map { Int($0) } == stack.counts)
    #expect(block.chosen.allSatisfy { $0 == -1 })
    for (place, bits) in stack.median.enumerated() {
      let (own, golden) = (block.values[place], Float(bitPattern: bits))
      #expect(own.isNaN ? golden.isNaN : own.bitPattern == bits, "value \(place): \(own), \(golden)")
    }
  }

  @Test("The date that is taken is numpy's, with all its bands", arguments: 0..<20)
  func chosen(index: Int) {
    let stack = Self.stacks[index]
    let rules: [(CompositeMethod, [Int])] = [
      (.medoid, stack.medoid), (.firstClear, stack.first),
      (.maxNDVI(red: 0, nearInfrared: 1), stack.greenest),
    ]
    for (method, golden) in rules {
      let block = stack.composed(by: method)
      #expect(block.chosen.map { Int($0) } == golden, "\(method)")
      let dates = stack.blocks
      for band in 0..<stack.bands {
        for pixel in 0..<stack.pixels {
          let (value, date) = (block.values[band * stack.pixels + pixel], golden[pixel])
          #expect(date < 0 ? value.isNaN : value == dates[date].values[band * stack.pixels + pixel])
        }
      }
    }
  }

  @Test("Dates that show nothing of a window count as invalid, and threads decide nothing")
  func partial() {
    let stack = Self.stacks.max { $0.dates < $1.dates }!
    // As many pixels as several threads take parts of.
    let wide = stack.blocks.map { block in
      PixelBlock(
        width: stack.pixels * 300, height: 1, bandCount: stack.bands,
        values: (0..<stack.bands).flatMap { band in
          (0..<300).flatMap { _ in block.values[band * stack.pixels..<(band + 1) * stack.pixels] }
        }, valid: (0..<300).flatMap { _ in block.valid })
    }
    let window = Window(column: 0, row: 0, width: stack.pixels * 300, height: 1)
    func composed(_ dates: [PixelBlock?]) -> CompositeBlock {
      CompositeArithmetic(.medoid, dates: dates.count)(dates, window: window, bandCount: stack.bands)
    }
    var (absent, invalid): ([PixelBlock?], [PixelBlock?]) = (wide, wide)
    absent[1] = nil
    invalid[1] = PixelBlock(invalid: window, bandCount: stack.bands)
    let parallel = computing(threads: 4) { composed(absent) }
    let serial = computing(threads: 1) { composed(invalid) }
    #expect(parallel.chosen == serial.chosen && parallel.counts == serial.counts)
    #expect(parallel.values.map(\.bitPattern) == serial.values.map(\.bitPattern))
  }

  @Test("Of two dates the medoid is the one nearer the period's middle")
  func twoDates() {
    let window = Window(column: 0, row: 0, width: 1, height: 1)
    let dates = [Float(1), 5].map {
      PixelBlock(width: 1, height: 1, bandCount: 1, values: [$0], valid: [true])
    }
    for (order, value) in [([1, 0], Float(5)), ([0, 1], 1)] {
      let block = CompositeArithmetic(.medoid, dates: 2, order: order)(dates, window: window, bandCount: 1)
      #expect(block.values == [value])
    }
  }
}
