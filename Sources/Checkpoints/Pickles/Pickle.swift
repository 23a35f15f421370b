import Foundation

/// What a pickle describes, protocols 2 to 5: data only. No name in it is looked up, nothing is called or imported.
///
/// Of Python's names those that describe dictionaries and PyTorch's tensors have a meaning here; all others make inert objects.
struct Pickle {
  /// Every container, object, storage and tensor, in the order in which they are made.
  let nodes: [PickleNode]
  let root: PickleValue
  /// The byte of the file after the STOP.
  let end: Int
  /// The types of the storages by key; of bytes, nil.
  let storages: [String: ElementType?]

  /// Reads a pickle that lies in a part of a file and need not fill it.
  ///
  /// - Throws: ``CheckpointError`` `malformed` that names the opcode and its byte, counted from the pickle's first.
  init(_ bytes: FileBytes, in part: Range<Int>) throws(CheckpointError) {
    let most = min(part.count, Self.longest)
    var length = min(most, 1 << 20)
    // Before PyTorch 1.6 the numbers follow in the same file: where a pickle ends only reading it tells.
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

  /// Bytes that are read: the largest networks' take a few millions.
  private static let longest = 1 << 30

  private init(_ machine: PickleMachine, root: PickleValue, end: Int) {
    (nodes, storages, self.root, self.end) = (machine.nodes, machine.storages, root, end)
  }

  /// The node that a value refers to.
  subscript(value: PickleValue) -> PickleNode? {
    if case .node(let index) = value { nodes[index] } else { nil }
  }

  /// The keys and values of a dictionary, in their order; of two equal keys both.
  func pairs(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
    guard let node = self[value], case .dictionary = node.kind else { return nil }
    return stride(from: 0, to: node.items.count - 1, by: 2).map { (node.items[$0], node.items[$0 + 1]) }
  }
}

/// A value of Python's. Containers and objects are places in ``Pickle/nodes``: they may hold each other in circles and to any
/// depth, without a chain of references whose end could overflow a stack.
enum PickleValue: Hashable {
  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case text(String)
  /// Bytes, and whole numbers beyond 64 bits: nothing that weights need.
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
    /// Keys and values by turns.
    case dictionary
    /// What an unknown class or function would have made, with what it was given; inert.
    case object(of: String)
    indirect case storage(TorchStorage)
    indirect case tensor(TorchTensor)
  }

  let kind: Kind
  var items: [PickleValue] = []
}

/// A run of numbers in a checkpoint.
struct TorchStorage {
  /// nil: bytes, and a tensor says what they are.
  let element: ElementType?
  /// The name of its bytes in the file.
  let key: String
  /// Elements, or bytes.
  let count: Int
  /// Elements, or bytes, before the first one: very old files have views of storages.
  let start: Int

  var elementBytes: Int { (element?.bits ?? 8) / 8 }
}

/// A view of a storage, counted in elements. Only types are checked, not places.
struct TorchTensor {
  let storage: TorchStorage
  let element: ElementType
  let offset: Int
  let extents, strides: [Int]
}
