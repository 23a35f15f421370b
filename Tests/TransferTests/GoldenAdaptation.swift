import Foundation

/// `Golden/adaptation.json`: terms and gradients by PyTorch.
struct GoldenAdaptation: Decodable {
  struct Features: Decodable {
    let n, m, width: Int
    let value: Double
    let gradients: [[Double]]
  }

  struct Adversary: Decodable {
    let n, m, width, classes: Int
    let strength, value: Double
    let gradients: [[Double]]
    /// Sum and sum of squares of each parameter's gradient.
    let classifier: [[Double]]
  }

  struct OutputAdversary: Decodable {
    let n, classes, side: Int
    let deception, detection: Double
    /// The first row of each plane.
    let gradient: [Double]
    /// Sum and sum of squares of each parameter's gradient.
    let discriminator: [[Double]]
  }

  struct Entropy: Decodable {
    let n, classes, height, width: Int
    let counts: [Int]
    let prior, value: Double
    let gradients: [[Double]]
  }

  let mmd, coral: [Features]
  let adversary: [Adversary]
  let outputAdversary: [OutputAdversary]
  let entropy: [Entropy]

  static let shared: GoldenAdaptation = {
    guard
      let url = Bundle.module.url(forResource: "adaptation", withExtension: "json", subdirectory: "Golden"),
      let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(Self.self, from: data)
    else { preconditionFailure("Golden/adaptation.json is missing or damaged") }
    return file
  }()
}
