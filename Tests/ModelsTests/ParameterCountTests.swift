import Layers
import Models
import Testing

/// The figures that torchvision, timm and efficientnet_lite_pytorch print of their networks with 1000 classes
/// and 3 bands.
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
      Case("resnet152", 60_192_808, 932), Case("mobilenet_v2", 3_504_872, 314),
      Case("mobilenetv2_100", 3_504_872, 314), Case("mobilenet_v3_large", 5_483_032, 312),
      Case("mobilenetv3_large_100", 5_483_032, 312), Case("mobilenet_v3_small", 2_542_856, 244),
      Case("mobilenetv3_small_100", 2_542_856, 244), Case("densenet121", 7_978_856, 727),
      Case("efficientnet_b0", 5_288_548, 360), Case("efficientnet_b1", 7_794_184, 508),
      Case("efficientnet_b2", 9_109_994, 508), Case("efficientnet_b3", 12_233_232, 574),
      Case("efficientnet_b4", 19_341_616, 706), Case("efficientnet_b5", 30_389_784, 854),
      Case("efficientnet_b6", 43_040_704, 986), Case("efficientnet_b7", 66_347_960, 1200),
      Case("tf_efficientnet_b0", 5_288_548, 360), Case("efficientnet-b0", 5_288_548, 360),
      Case("efficientnet-b3", 12_233_232, 574), Case("inception_v3", 23_834_568, 566),
      Case("efficientnet_lite0", 4_652_008, 296), Case("tf_efficientnet_lite0", 4_652_008, 296),
      Case("efficientnet-lite0", 4_652_008, 296), Case("efficientnet-lite1", 5_416_680, 386),
      Case("efficientnet-lite2", 6_092_072, 386), Case("efficientnet-lite3", 8_197_096, 440),
      Case("efficientnet-lite4", 13_006_568, 548),
      Case("vgg16", 138_357_544, 32),
      Case("vgg16_bn", 138_365_992, 97),
      Case("vit_huge_patch14_224", 632_045_800, 392), Case("convnext_small", 50_223_688, 344),
      Case("convnext_base", 88_591_464, 344), Case("convnext_large", 197_767_336, 344),
      Case("convnext_tiny", 28_589_128, 182), Case("vit_small_patch16_224", 22_050_664, 152),
      Case("vit_base_patch16_224", 86_567_656, 152), Case("vit_b_16", 86_567_656, 152),
      Case("vit_large_patch16_224", 304_326_632, 296), Case("vit_l_16", 304_326_632, 296),
      Case("swin_v2_t", 28_351_570, 233), Case("swin_v2_b", 87_930_848, 449),
    ]
  }

  @Test("as many numbers and entries, under every scheme of that name", arguments: Case.all)
  func counts(case: Case) throws {
    let architectures = Architecture.all.filter { $0.name == `case`.name }
    #expect(!architectures.isEmpty)
    for architecture in architectures {
      for scheme in architecture.schemes {
        let parameters = ParameterList()
        let options = EncoderOptions(bands: 3, classes: 1000, scheme: scheme)
        _ = architecture.encoderDesign.make(options, ParameterScope(parameters, seed: nil))
        #expect(parameters.learnedCount == `case`.learned, "\(scheme)")
        #expect(parameters.all.count + parameters.passedOver.count == `case`.entries, "\(scheme)")
      }
    }
  }
}
