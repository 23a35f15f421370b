import Layers
import Models
import Testing

/// The figures that torchvision and timm print of their networks with 1000 classes and 3 bands.
@Suite("Backbones have the published parameters")
struct ParameterCountTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let learned, entries: Int
    var testDescription: String { name }

    init(_ name: String, _ learned: Int, _ entries: Int) {
      (self.name, self.learned, self.entries) = (name, learned, entries)
    }

    static let all = [
      Case("resnet18", 11_689_512, 122), Case("resnet34", 21_797_672, 218),
      Case("resnet50", 25_557_032, 320), Case("resnet101", 44_549_160, 626),
      Case("resnet152", 60_192_808, 932), Case("vgg16", 138_357_544, 32),
      Case("vgg16_bn", 138_365_992, 97),
    ]
  }

  @Test("as many numbers and entries, under every scheme of that name", arguments: Case.all)
  func counts(case: Case) throws {
    let architectures = BackboneArchitecture.all.filter { $0.name == `case`.name }
    #expect(!architectures.isEmpty)
    for architecture in architectures {
      for scheme in architecture.schemes {
        let parameters = ParameterList()
        let options = BackboneOptions(bands: 3, classes: 1000, scheme: scheme)
        _ = architecture.make(options, ParameterScope(parameters, seed: nil))
        #expect(parameters.learnedCount == `case`.learned, "\(scheme)")
        #expect(parameters.all.count + parameters.passedOver.count == `case`.entries, "\(scheme)")
      }
    }
  }
}
