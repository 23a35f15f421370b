import Foundation

/// The content of a pickle of protocols 2 to 5, as data only. No name in it is looked up, nothing is called
/// or imported.
///
/// Of Python's names those that describe dictionaries and PyTorch's tensors have a meaning here; all others
/// make inert objects.
struct Pickle {
  /// All containers, objects, storages and tensors, in the order in which they are made.
  let nodes: [PickleNode]
  let root: PickleValue
  /// The byte of the file after the STOP.
  let end: Int
  /// The types of the storages by key; nil for bytes.
  let storages: [String: ElementType?]

  /// Reads a pickle that lies in a part of a file and need not fill it.
  ///
  /// - Throws: ``CheckpointError`` `malformed` that names the opcode and its byte, counted from the pickle's
  ///   first.
  init(_ bytes: FileBytes, in part: Range<Int>) throws(CheckpointError) {
    let most = min(part.count, Self.longest)
    var length = min(most, 1 << 20)
    // The data is read in growing parts: before PyTorch 1.6 the numbers follow in the same file, and only
    // reading tells where a pickle ends.
    while true {
      var goesOn = false
      let data = try bytes.copy(part.lowerBound..<part.lowerBound + length)
      let pickle = data.withUnsafeBytes { raw in
        Result { () throws(CheckpointError) in
          var machine = PickleMachine(raw, of: part.count, path: bytes.path)
          defer { goesOn = machine.wantsMore && length < most }
          let root = try machine.run()
          return Pickle(machine, root: root, end: part.lowerBound + machine.place)
        }
      }
      guard goesOn else {
        self = try pickle.get()
        return
      }
      length = min(most, 8 * length)
    }
  }

  /// The most bytes that are read: the pickles of the largest networks take a few millions.
  private static let longest = 1 << 30

  private init(_ machine: PickleMachine, root: PickleValue, end: Int) {
    (nodes, storages, self.root, self.end) = (machine.nodes, machine.storages, root, end)
  }

  /// Returns the node that a value refers to.
  subscript(value: PickleValue) -> PickleNode? {
    if case .node(let index) = value { nodes[index] } else { nil }
  }

  /// Returns the keys and values of a dictionary, in their order; of two equal keys both.
  func pairs(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
    guard let node = self[value], case .dictionary = node.kind else { return nil }
    return stride(from: 0, to: node.items.count - 1, by: 2).map { (node.items[$0], node.items[$0 + 1]) }
  }
}

/// A value of Python's. Containers and objects are places in ``Pickle/nodes``: they may hold each other in
/// circles and to any depth, without a chain of references whose end could overflow a stack.
enum PickleValue: Hashable {
  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case text(String)
  /// A value that weights do not need: bytes, or a whole number beyond 64 bits.
  case opaque
  /// A name that Python would import: "collections OrderedDict".
  case global(String)
  case node(Int)
}

/// A container, an object, a storage or a tensor.
struct PickleNode {
  enum Kind {
    case list
    case tuple
    /// A dictionary; its items are keys and values by turns.
    case dictionary
    /// An inert object in the place of the result of an unknown class or function, with the arguments that it
    /// was given.
    case object(of: String)
    indirect case storage(TorchStorage)
    indirect case tensor(TorchTensor)
  }

  let kind: Kind
  var items: [PickleValue] = []
}

/// A run of numbers in a checkpoint.
struct TorchStorage {
  /// The type of the elements; nil for bytes, whose type a tensor says.
  let element: ElementType?
  /// The name of the storage's bytes in the file.
  let key: String
  /// The number of elements, or of bytes.
  let count: Int
  /// The number of elements, or of bytes, before the first one: very old files have views of storages.
  let start: Int

  var elementBytes: Int { (element?.bits ?? 8) / 8 }
}

/// A view of a storage, counted in elements. Its types are checked, its places are not.
struct TorchTensor {
  let storage: TorchStorage
  let element: ElementType
  let offset: Int
  let extents, strides: [Int]
}
