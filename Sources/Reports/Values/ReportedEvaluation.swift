import Settings

/// The scores of models on labels that they have not seen, as `evaluation.json` has them.
package struct ReportedEvaluation: Sendable {
  /// A figure with its 95 % interval over seeds, where there were several.
  package struct Figure: Sendable, Hashable {
    package let name: String
    package let mean: Double
    package let interval: ClosedRange<Double>?
  }

  /// The area of a class, corrected for the map's errors.
  package struct Area: Sendable, Hashable {
    package let value, margin, mapped: Double
    /// `hectares` or `pixels`.
    package let unit: String
  }

  /// A model that was scored.
  package struct Model: Sendable {
    package let name: String
    /// The figures in an order of their own: the first is the one that models are compared by.
    package let figures: [Figure]
    /// Figures of each class, by the name of the class, then of the figure.
    package let classes: [String: [String: Double]]
    /// Counts, a row a class of the labels, a column a class of the answers; empty where there are none.
    package let confusion: [[Int]]
    /// The area of each class; empty where only labelled places were mapped.
    package let areas: [String: Area]

    /// Returns a figure by its name.
    package func figure(_ name: String) -> Figure? { figures.first { $0.name == name } }
  }

  /// The task's name.
  package let subject: String
  /// How labels were split, and with how many seeds trainings were repeated.
  package let split: String
  package let seeds: Int
  /// The classes in their order.
  package let classes: [String]
  /// The models in the order of the tables.
  package let models: [Model]
  /// What transfer brings, in a sentence.
  package let verdict: String?
  /// Whether transfer does harm.
  package let isNegative: Bool
  /// The model that the chain ends with; the last one where no verdict names it.
  package let recipe: String?
  /// The models that stand for what there was without the recipe.
  package let rivals: Set<String>

  /// The names of the figures that all tasks' scores are ordered by; others follow.
  private static let order = [
    "mIoU", "mAP", "OA", "kappa", "weighted kappa", "F1", "micro F1", "exact", "boundary IoU",
    "top-3 accuracy",
    "calibration error",
  ]

  /// Reads an evaluation; nil where the JSON is none.
  package init?(_ json: JSONValue, subject: String) {
    guard case .array(let entries)? = json["models"] else { return nil }
    self.subject = subject
    split = json["split"]?.text ?? ""
    seeds = json["seeds"]?.count ?? 1
    if case .array(let names)? = json["classes"] { classes = names.compactMap(\.text) } else { classes = [] }
    models = entries.compactMap { Self.model($0) }
    guard !models.isEmpty else { return nil }
    verdict = json["verdict"]?["sentence"]?.text
    isNegative = json["verdict"]?["isNegative"] == true
    recipe = json["verdict"]?["recipeName"]?.text
    if case .array(let others)? = json["rivals"] {
      rivals = Set(others.compactMap { $0["name"]?.text })
    } else {
      rivals = []
    }
  }

  private static func model(_ json: JSONValue) -> Model? {
    guard let name = json["name"]?.text, let seeds = json["over seeds"]?.members else { return nil }
    let figures = seeds.compactMap { name, value -> Figure? in
      guard let mean = value["mean"]?.double else { return nil }
      var interval: ClosedRange<Double>?
      if case .array(let ends)? = value["interval"], ends.count == 2, let low = ends[0].double,
        let high = ends[1].double, low <= high
      {
        interval = low...high
      }
      return Figure(name: name, mean: mean, interval: interval)
    }
    let confusion = json.members?.first { $0.key.hasPrefix("confusion") }?.value
    return Model(
      name: name, figures: figures.sorted { place($0.name) < place($1.name) },
      classes: (json["per class"]?.members ?? [:]).mapValues {
        ($0.members ?? [:]).compactMapValues(\.double)
      },
      confusion: confusion.map(rows) ?? [], areas: (json["area"]?.members ?? [:]).compactMapValues(area))
  }

  private static func place(_ name: String) -> (Int, String) {
    (order.firstIndex(of: name) ?? order.count, name)
  }

  private static func rows(_ json: JSONValue) -> [[Int]] {
    guard case .array(let rows) = json else { return [] }
    return rows.map { row in
      guard case .array(let cells) = row else { return [] }
      return cells.map { $0.count ?? 0 }
    }
  }

  private static func area(_ json: JSONValue) -> Area? {
    let unit = json["hectares"] == nil ? "pixels" : "hectares"
    guard let value = json[unit]?.double, let margin = json["plus or minus"]?.double else { return nil }
    return Area(value: value, margin: margin, mapped: json["mapped"]?.double ?? 0, unit: unit)
  }
}

extension JSONValue {
  /// The number without its fraction; nil of what is no number, or one that no count is.
  fileprivate var count: Int? { double.flatMap { Int(exactly: $0.rounded(.towardZero)) } }
}
