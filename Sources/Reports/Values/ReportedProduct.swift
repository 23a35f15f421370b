import Foundation
import Products
import Rasters
import Runs
import Settings

/// A product of a run: what lies in one directory below `products`, and what the run found out about it.
package struct ReportedProduct: Sendable {
  /// The scene, the pair or the composite.
  package let subject: String
  /// Whether the run made it, or found it made.
  package let status: RecordedTask.Status
  /// The directory, relative to the output directory.
  package let directory: String
  /// The key of the task that published it.
  package let key: String
  /// The seconds that the run spent on all tasks about the subject.
  package let seconds: Double
  /// What the tasks about the subject found.
  package let findings: [Finding]
  /// What they warn of.
  package let warnings: [String]
  /// The files.
  package let files: [ProducedFile]
  /// What its item says; nil where there is none.
  package var item: ProductItem?
  /// What is shown of it; nil before it is drawn, or where nothing can be.
  package var pictures: ProductPictures?

  /// Finds the products of a run in the order of its tasks.
  ///
  /// - Parameters:
  ///   - output: where the files of products are looked for.
  ///   - known: directories of products that are left out.
  package static func all(
    of run: RecordedRun, below output: URL, besides known: Set<String> = []
  ) -> [ReportedProduct] {
    let published = run.tasks.filter { task in
      task.status.isSuccess && directory(of: task).map { !known.contains($0) } ?? false
    }
    // The models that trainings leave have subjects of their own.
    let bySubject = Dictionary(grouping: run.tasks.filter { !isModel($0) }, by: \.subject)
    var order: [String] = []
    var tasks: [String: [RecordedTask]] = [:]
    for task in published {
      let place = directory(of: task)!
      if tasks[place] == nil { order.append(place) }
      tasks[place, default: []].append(task)
    }
    return order.map { place in
      let own = tasks[place]!
      return ReportedProduct(own, at: place, about: bySubject[own[0].subject] ?? own, below: output)
    }
  }

  private init(_ own: [RecordedTask], at place: String, about tasks: [RecordedTask], below output: URL) {
    (subject, directory, key) = (own[0].subject, place, own.last!.key)
    status = tasks.contains { $0.status == .done } ? .done : .upToDate
    seconds = tasks.reduce(0) { $0 + $1.seconds }
    var seen: Set<String> = []
    // A later task knows better.
    findings = tasks.reversed().flatMap(\.findings).filter { seen.insert($0.key).inserted }
    warnings = tasks.flatMap(\.warnings)
    files = own.flatMap(\.files)
    item =
      files.lazy.filter { $0.path.hasSuffix(".json") }
      .compactMap { RunHistory.json(at: output.appendingPathComponent($0.path)).flatMap(ProductItem.init) }
      .first
  }

  /// Creates a product by its parts.
  package init(
    subject: String, status: RecordedTask.Status = .done, directory: String, key: String = "",
    seconds: Double = 0, findings: [Finding] = [], warnings: [String] = [], files: [ProducedFile] = [],
    item: ProductItem? = nil
  ) {
    (self.subject, self.status, self.directory, self.key) = (subject, status, directory, key)
    (self.seconds, self.findings, self.warnings) = (seconds, findings, warnings)
    (self.files, self.item) = (files, item)
  }

  /// Returns the directory below `products` that a task published; nil of other tasks.
  private static func directory(of task: RecordedTask) -> String? {
    guard let path = task.files.first?.path, path.hasPrefix("products/") else { return nil }
    return path.split(separator: "/").dropLast().joined(separator: "/")
  }

  private static func isModel(_ task: RecordedTask) -> Bool {
    task.files.first?.path.hasPrefix("models/") ?? false
  }

  /// The day or the days that it shows; nil where nobody knows them.
  package var days: String? {
    item.map { $0.days.first == $0.days.last ? $0.days.first : "\($0.days.first) to \($0.days.last)" }
  }

  /// The share of its scene that it shows, 0 to 1; nil where nothing says it.
  package var seen: Double? { findings[.validShare]?.number }

  /// The area of each class, in the order of the classes; empty of a product that is no map of classes.
  package var areas: [ClassArea] { ClassArea.all(in: findings) }

  /// What changed, of a comparison.
  package var change: ReportedChange? { ReportedChange(findings) }
}

/// What the STAC item of a product says.
package struct ProductItem: Sendable, Hashable {
  /// The first and the last day that the product shows.
  package let days: (first: String, last: String)
  /// The scenes that it is made of.
  package let scenes: [String]
  /// What the colours of the picture of its scene are.
  package let overview: String?
  /// The grid in a word, the same for products of one ground on one grid; nil where nothing says it.
  package let ground: String?

  /// Reads an item; nil where the JSON is none, or has no day.
  package init?(_ json: JSONValue) {
    guard let properties = json["properties"], json["type"]?.text == "Feature" else { return nil }
    let moments = [properties["start_datetime"], properties["end_datetime"]].compactMap { $0?.text }
    let single = properties["datetime"]?.text
    guard let first = moments.first ?? single, let last = moments.last ?? single else { return nil }
    days = (String(first.prefix(10)), String(last.prefix(10)))
    if case .array(let names)? = properties["terrane:scenes"] {
      scenes = names.compactMap(\.text)
    } else {
      scenes = []
    }
    ground = properties["proj:transform"].map { transform in
      [properties["proj:epsg"], properties["proj:shape"], transform].map { $0?.canonical ?? "" }.joined()
    }
    overview = json["assets"]?["overview"]?["title"]?.text
  }

  package static func == (one: ProductItem, other: ProductItem) -> Bool {
    one.days == other.days && one.scenes == other.scenes && one.overview == other.overview
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(days.first)
    hasher.combine(scenes)
  }
}
