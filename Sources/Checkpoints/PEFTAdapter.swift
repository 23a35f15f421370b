import Foundation
import Host
import Layers
import Tensors

/// Low-rank updates as peft keeps them: a folder with `adapter_config.json` and `adapter_model.safetensors`,
/// as `peft.PeftModel.from_pretrained` loads it onto the network that the updates belong to; modules are
/// named by their whole paths.
///
/// An adapter is written as a LoRA of the whole kernel, with zeros beside the centre. peft convolves A
/// without the dilation of its layer: filters that are dilated give the same there only once they are merged
/// (`merge_and_unload`).
public struct PEFTAdapter {
  fileprivate static let (configuration, weights) = ("adapter_config.json", "adapter_model.safetensors")
  /// The names of the files that ``write(to:)`` leaves.
  package static let files = [configuration, weights]
  fileprivate static let prefix = "base_model.model."

  private let fields: [String: Any]
  private let tensors: [String: Tensor]

  /// Creates an adapter of the updates as they are now, and of modules of the network that have been trained
  /// whole. It names those of their modules that hold tensors themselves: of one inside another with the same
  /// last name (`head.head`) peft would not find the tensors.
  ///
  /// - Parameters:
  ///   - modules: the paths of such modules: `segmentation_head.0`.
  ///   - network: the parameters of the network that has these modules.
  public init(_ updates: LowRankUpdates, saving modules: [String] = [], of network: ParameterList? = nil) {
    var tensors: [String: Tensor] = [:]
    func add(_ name: String, _ tensor: Tensor) {
      tensors[Self.prefix + name] = Tensor(tensor.values, shape: tensor.shape)
    }
    for (weight, update) in updates.places {
      precondition(update.reduction.tensor.shape[0] == updates.options.rank, "\(weight.path) has two updates")
      add(update.reduction.path, update.wholeReduction(of: weight.tensor.shape))
      add(update.expansion.path, update.expansion.tensor)
    }
    var whole: [String] = []
    for parameter in network?.all ?? [] where modules.contains(where: { parameter.path.hasPrefix($0 + ".") })
    {
      add(parameter.path, parameter.tensor)
      let names = parameter.path.split(separator: ".")
      let module = names.dropLast().joined(separator: ".")
      // peft asks for every tensor of a module; with running statistics a counter of batches is one of them.
      if parameter.role == .runningMean {
        add(module + ".num_batches_tracked", Tensor(repeating: 0, shape: []))
      }
      if whole.last != module && !whole.contains(module) { whole.append(module) }
    }
    self.tensors = tensors
    fields = [
      "peft_type": "LORA", "task_type": NSNull(), "base_model_name_or_path": NSNull(),
      "inference_mode": true, "r": updates.options.rank, "lora_alpha": updates.options.alpha,
      "lora_dropout": 0, "use_rslora": false, "use_dora": false, "bias": "none", "fan_in_fan_out": false,
      "init_lora_weights": true, "modules_to_save": whole.isEmpty ? NSNull() : whole as Any,
      "target_modules": updates.places.map(\.weight.modulePath),
    ]
  }

  /// Writes the two files into a folder that is there. The same updates give the same bytes.
  ///
  /// - Throws: ``CheckpointError`` (`cannotWrite`).
  public func write(to folder: String) throws(CheckpointError) {
    let path = folder + "/" + Self.configuration
    // The fields are texts and numbers of a recipe: they are always JSON.
    let json = try! JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys, .prettyPrinted])
    do throws(SystemError) {
      try RegularFile.write(json, to: path)
    } catch {
      throw CheckpointError(error, isWriting: true)
    }
    try Safetensors(tensors: tensors).write(to: folder + "/" + Self.weights)
  }
}

extension LowRankUpdates {
  /// Attaches the LoRA of a folder that peft wrote to a network whose modules have the names that it was
  /// trained with. Updates of queries, keys and values apart, as TerraTorch has them, become one of the
  /// weight in which the network has them together (``SplitProjection``), of so many times the rank.
  ///
  /// - Throws: ``CheckpointError``: `notFound`, `malformed`, or `mismatch` that names the feature that
  ///   terrane lacks (other ranks or scales for some modules, DoRA, biases, whole modules) or the tensor that
  ///   does not fit. The network is then as it was.
  public static func read(from folder: String, into network: ParameterList) throws(CheckpointError)
    -> LowRankUpdates
  {
    let options = try PEFTConfiguration(contentsOf: folder + "/" + PEFTAdapter.configuration).options()
    let file = try WeightsFile(contentsOf: folder + "/" + PEFTAdapter.weights).below(PEFTAdapter.prefix)
    let suffix = ".lora_A.weight"
    let modules = Set(
      file.entries.filter { $0.name.hasSuffix(suffix) }.map { String($0.name.dropLast(suffix.count)) })
    let splits = SplitProjection.all(of: modules, in: network)
    let split = Set(splits.values.flatMap(\.modules))
    for module in modules.subtracting(split).sorted() {
      guard splits[module] == nil, let weight = network[module + ".weight"], fits(weight, kind: .lora) else {
        throw CheckpointError(
          .mismatch, path: file.path, "the network has no weight that '\(module)' could be an update of")
      }
    }
    let updates = LowRankUpdates(options, on: network, seed: nil) { (weight: Parameter) -> Int in
      splits[weight.modulePath]?.modules.count ?? (modules.contains(weight.modulePath) ? 1 : 0)
    }
    do {
      var together: [String: Tensor] = [:]
      for split in splits.values { together.merge(try split.tensors(of: file)) { $1 } }
      let parts = split.flatMap { [$0 + ".lora_A.weight", $0 + ".lora_B.weight"] }
      try StrictLoading.load(file.leavingOut(parts), into: updates.parameters, replacing: together)
    } catch {
      updates.detach()
      throw error
    }
    return updates
  }
}

/// The form of an adapter by its `adapter_config.json`.
private struct PEFTConfiguration: Decodable {
  private let kind: String
  private let rank: Int
  private let alpha: Double
  private let scalesByRoot, isDoRA: Bool?
  private let bias: String?
  private let ranks, alphas: [String: Double]?
  private let wholeModules: [String]?
  /// The path of the file, for messages.
  private var path = ""

  private enum CodingKeys: String, CodingKey {
    case kind = "peft_type"
    case rank = "r"
    case alpha = "lora_alpha"
    case scalesByRoot = "use_rslora"
    case isDoRA = "use_dora"
    case bias
    case ranks = "rank_pattern"
    case alphas = "alpha_pattern"
    case wholeModules = "modules_to_save"
  }

  init(contentsOf path: String) throws(CheckpointError) {
    let data = try FileBytes.text(of: path)
    do {
      self = try JSONDecoder().decode(PEFTConfiguration.self, from: data)
    } catch {
      throw CheckpointError(
        .malformed, path: path, "the configuration cannot be read: \(error.decodingProblem)")
    }
    self.path = path
  }

  /// Returns the options of the low-rank updates.
  ///
  /// - Throws: ``CheckpointError`` for any adapter but a plain LoRA of one rank.
  func options() throws(CheckpointError) -> LowRankUpdates.Options {
    let problem: String? =
      if kind != "LORA" {
        "peft_type is \(kind), only LORA is read"
      } else if !(1...65_536).contains(rank) {
        "r is \(rank)"
      } else if isDoRA == true {
        "use_dora: weights are decomposed, which is not read"
      } else if let bias, bias != "none" {
        "bias is \(bias): biases are not read"
      } else if ranks?.isEmpty == false || alphas?.isEmpty == false {
        "rank_pattern or alpha_pattern: one rank and one alpha for all modules are read"
      } else if let wholeModules, !wholeModules.isEmpty {
        "modules_to_save: \(wholeModules.joined(separator: ", ")) would be replaced as a whole, which is not read"
      } else {
        nil
      }
    if let problem { throw CheckpointError(.mismatch, path: path, problem) }
    // rsLoRA (Kalajdzievski 2023, arXiv:2312.03732) scales by alpha / sqrt(r).
    let factor = scalesByRoot == true ? Double(rank).squareRoot() : 1
    return LowRankUpdates.Options(rank: rank, alpha: alpha * factor)
  }
}
