import Foundation
import Host
import Runs
import Settings

/// The STAC 1.1.0 catalogue over the products of an output directory: `products/catalog.json` leads to
/// `products/collection.json`, and that to the item of each product.
///
/// It holds what the items say, of this run and of earlier ones, and no time of its own: the same items give
/// the same bytes. All links are relative, so that the directory may be moved or put behind a web server as
/// it is.
public enum ProductCatalogue {
  /// The name of the file that a browser begins with.
  static let catalogFile = "catalog.json"
  /// The name of the file that lists the items.
  static let collectionFile = "collection.json"
  /// The extensions of STAC by which items and their collection describe files.
  static let extensions = [
    "https://stac-extensions.github.io/projection/v1.1.0/schema.json",
    "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
    "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
  ]
  /// The number of the way in which the files are made: it grows where the same items give other bytes.
  private static let revision = 1

  /// The links of an item, which lies one directory below the catalogue: they are the same whatever else
  /// there is.
  static let linksOfItems: JSONValue = [
    link("root", to: "../" + catalogFile), link("parent", to: "../" + collectionFile),
    link("collection", to: "../" + collectionFile),
  ]

  /// Returns the job that writes the catalogue; nil where there is no item.
  ///
  /// Its key is made of the contents of the items that the ledger names and that are there: while none of
  /// them changes there is nothing to do, and none is read.
  ///
  /// - Parameter ledger: the ledger of the output directory, of which a run holds the lock.
  public static func job(over ledger: Ledger, below output: URL) -> Job? {
    let items = ledger.files(in: .products).filter { file in
      let url = output.appendingPathComponent(file.path)
      return url.pathExtension == "json" && FileStatus(url.path) != nil
    }
    guard !items.isEmpty else { return nil }
    let content = SHA256.hexadecimal(of: items.map { "\($0.sha256) \($0.path)\n" }.joined())
    let components = KeyComponents(
      stage: "catalogue", revision: revision, settings: .object([:]), shared: .object([:]),
      inputs: ["items": content], upstream: [])
    return Job(
      id: "catalogue:products", stage: "catalogue", subject: "", title: "list the products",
      produces: .products, placement: .products, components: components, key: components.key,
      dependencies: [], refusal: nil, watch: InputWatch()
    ) { context in
      try write(try items.compactMap { try CataloguedItem($0.path, below: output) }, in: context.directory)
      return JobResult()
    }
  }

  /// Writes the catalogue of some items.
  private static func write(_ items: [CataloguedItem], in directory: URL) throws {
    // The items of a pipeline are a collection of its name; those of further ones hang on the catalogue
    // itself.
    let name = items.map(\.pipeline).min() ?? ""
    let (own, others) = (items.filter { $0.pipeline == name }, items.filter { $0.pipeline != name })
    let files = [
      catalogFile: catalog(of: name, others), collectionFile: ProductCollection(id: name, items: own).json,
    ]
    for (name, content) in files {
      try RegularFile.write(Data(content.pretty.utf8), to: directory.appendingPathComponent(name).path)
    }
  }

  private static func catalog(of collection: String, _ others: [CataloguedItem]) -> JSONValue {
    [
      "type": "Catalog", "stac_version": "1.1.0", "id": "products", "title": "Products",
      "description": "Maps and other products that terrane has made.",
      "links": .array(
        [
          link("root", to: "./" + catalogFile), link("child", to: "./" + collectionFile, title: collection),
        ] + others.map(\.link)),
    ]
  }

  /// Returns a link to another JSON file.
  static func link(_ relation: String, to place: String, title: String? = nil, isItem: Bool = false)
    -> JSONValue
  {
    var members: [String: JSONValue] = [
      "rel": .string(relation), "href": .string(place),
      "type": .string(isItem ? "application/geo+json" : "application/json"),
    ]
    members["title"] = title.map(JSONValue.string)
    return .object(members)
  }
}
