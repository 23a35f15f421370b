import CPUKernels
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// Against torchvision, timm and segmentation_models_pytorch in float64, whose own float32 is within 4e-5 of
/// it.
@Suite("Backbones are those of PyTorch", .serialized)
struct BackboneParityTests {
  @Test("maps and scores, from the same weights, at even and odd sizes", arguments: BackboneCase.all)
  func parity(case: BackboneCase) throws {
    let architecture = try #require(Architecture.named(`case`.name, scheme: `case`.scheme))
    let (network, _) = HashedNetwork.backbone(architecture, `case`.options)
    #expect(Set(network.description.maps.map(\.name)) == `case`.maps)
    let images = `case`.images
    for kernels in KernelSet.all {
      let pass = Pass(.inference, kernels: kernels)
      let features = network.features(of: Value(images), in: pass)
      #expect(features.maps.count == network.description.maps.count)
      for (map, feature) in zip(network.description.maps, features.maps) {
        let expected = try #require(BackboneCase.golden["\(`case`.key)/\(map.name)"]).values
        let found = HashedNetwork.sampled(kernels.plain(feature.tensor).values, limit: 256)
        #expect(scaledDifference(found, expected) < 1e-4, "\(map.name), \(kernels.name)")
        #expect(feature.tensor.shape.channels == map.channels * `case`.dates, "\(map.name)")
      }
      guard `case`.hasScores else { continue }
      let pooled = network.pooled(features, in: pass)
      #expect(pooled.tensor.shape == [images.shape.batch, network.description.pooledChannels])
      let scores = kernels.plain(network.scores(of: pooled, in: pass).tensor)
      let expected = try #require(BackboneCase.golden["\(`case`.key)/scores"])
      #expect(scores.shape == expected.shape)
      #expect(scaledDifference(scores.values, expected.values) < 1e-4, "scores, \(kernels.name)")
    }
  }

  @Test("strides and encoder maps are as declared", arguments: BackboneCase.all)
  func encoder(case: BackboneCase) throws {
    let architecture = try #require(Architecture.named(`case`.name, scheme: `case`.scheme))
    let parameters = ParameterList()
    let network = architecture.encoderDesign.make(`case`.options, ParameterScope(parameters, seed: nil))
    #expect(parameters[network.description.firstConvolution]?.tensor.shape[1] == `case`.options.bands)
    let stages = network.description.parts
    for parameter in parameters.all {
      #expect(stages.count { $0.contains(parameter.path) } == 1, "\(parameter.path) is in one stage")
    }
    let strides = network.description.decoderPlaces.map { network.description.maps[$0].stride }
    #expect(strides == strides.sorted())
    if let expected = BackboneCase.golden["\(`case`.key)/encoder"] {
      #expect(network.description.decoderPlaces.map(Float.init) == expected.values)
    }
  }
}
