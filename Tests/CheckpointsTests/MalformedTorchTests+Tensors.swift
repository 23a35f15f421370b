import Foundation

extension MalformedTorchTests {
  static let tensors: [Case] = [
    Case(
      "a stride past the storage",
      "tensor 'a' of shape [2, 2], strides [3, 1] and offset 0 reaches past the end of its storage of 4 elements",
      Bytes.pickle(("a", Bytes.tensor([2, 2], [3, 1])))),
    Case(
      "an offset past the storage", "tensor 'a' of shape [1], strides [1] and offset 4 reaches past",
      Bytes.pickle(("a", Bytes.tensor(offset: 4, [1], [1])))),
    Case(
      "the largest offset", "reaches past the end", Bytes.pickle(("a", Bytes.tensor(offset: .max, [1], [1])))),
    Case(
      "a nested name", "tensor 'outer.inner' of shape [5], strides [1]",
      Bytes.pickle(
        ("outer", Bytes.emptyDictionary + Bytes.text("inner") + Bytes.tensor([5], [1]) + Bytes.setItem))),
    Case(
      "a negative extent", "tensor 'a' has an impossible shape [-1, -4]",
      Bytes.pickle(("a", Bytes.tensor([-1, -4], [1, 1])))),
    Case(
      "a negative stride", "tensor 'a' of shape [2, 2] has impossible strides [-2, 1] or offset 2",
      Bytes.pickle(("a", Bytes.tensor(offset: 2, [2, 2], [-2, 1])))),
    Case(
      "a negative offset", "tensor 'a' of shape [1] has impossible strides [1] or offset -1",
      Bytes.pickle(("a", Bytes.tensor(offset: -1, [1], [1])))),
    Case(
      "a product that overflows", "tensor 'a' has an impossible shape",
      Bytes.pickle(("a", Bytes.tensor([1 << 31, 1 << 31, 1 << 31], [0, 0, 0])))),
    Case(
      "strides that overflow", "reaches past the end",
      Bytes.pickle(("a", Bytes.tensor([3, 3], [1 << 62, 1 << 62])))),
    Case(
      "no elements, but extents that overflow", "tensor 'a' has an impossible shape",
      Bytes.pickle(("a", Bytes.tensor([1 << 62, 1 << 62, 0], [1, 1, 1])))),
    Case(
      "more extents than strides", "tensor 'a' of shape [2, 2] has impossible strides [2]",
      Bytes.pickle(("a", Bytes.tensor([2, 2], [2])))),
    Case(
      "65 axes", "REDUCE at byte",
      Bytes.pickle(("a", Bytes.tensor(Array(repeating: 1, count: 65), Array(repeating: 1, count: 65))))),
    Case(
      "a number repeated 2^40 times", "tensor 'a' of shape [1099511627776] repeats its numbers too often",
      Bytes.pickle(("a", Bytes.tensor([1 << 40], [0])))),
    Case(
      "many views that repeat too much together",
      "tensor 'c' of shape [8388608] repeats its numbers too often",
      Bytes.pickle(
        ("a", Bytes.tensor([1 << 23], [0])), ("b", Bytes.tensor([1 << 23], [0])),
        ("c", Bytes.tensor([1 << 23], [0])))),
    Case("a number repeated 16 Mi times", nil, Bytes.pickle(("a", Bytes.tensor([1 << 24], [0])))),
    Case(
      "a storage that is not there", "tensor 'a': its storage '7' is not in the file",
      Bytes.pickle(("a", Bytes.tensor(of: Bytes.storage(key: "7"))))),
    Case(
      "a storage with too few bytes", "tensor 'a': its storage '0' of 5 elements has 16 bytes",
      Bytes.pickle(("a", Bytes.tensor(of: Bytes.storage(count: 5))))),
    Case(
      "a storage of all the elements there are",
      "tensor 'a': its storage '0' of 9223372036854775807 elements",
      Bytes.pickle(("a", Bytes.tensor(of: Bytes.storage(count: .max))))),
    Case(
      "a negative count", "BINPERSID at byte",
      Bytes.pickle(("a", Bytes.tensor(of: Bytes.storage(count: -1))))),
    Case(
      "an unknown storage class", "storage '0' is of the unknown class 'torch OddStorage'",
      Bytes.pickle(("a", Bytes.tensor(of: Bytes.storage("OddStorage"))))),
    Case(
      "a storage with two types", "storage '0' has two types",
      Bytes.pickle(("a", Bytes.tensor()), ("b", Bytes.tensor(of: Bytes.storage("IntStorage"))))),
    Case(
      "bytes without a type", "a tensor of bytes lacks its type",
      Bytes.pickle(("a", Bytes.tensor(of: Bytes.storage("UntypedStorage", count: 16))))),
    Case(
      "an unknown type", "a tensor has the unknown type 'torch float3'",
      Bytes.pickle(("a", version3(Bytes.global("torch", "float3"))))),
    Case(
      "a type that is text", "a tensor lacks its type", Bytes.pickle(("a", version3(Bytes.text("float32"))))),
    Case(
      "a tensor of nothing", "a tensor lacks storage, offset, size or strides",
      Bytes.pickle(("a", Bytes.call("torch._utils", "_rebuild_tensor_v2")))),
    Case(
      "a tensor made of text", "REDUCE at byte",
      Bytes.pickle(
        ("a", Bytes.global("torch._utils", "_rebuild_tensor_v2") + Bytes.text("x") + Bytes.reduce))),
    Case(
      "a size of text", "a size is not a whole number",
      Bytes.pickle(
        (
          "a",
          Bytes.call(
            "torch._utils", "_rebuild_tensor_v2", Bytes.storage(), Bytes.integer(0),
            Bytes.tuple(Bytes.text("2")), Bytes.integers([1]))
        ))),
    Case(
      "a parameter without a tensor", "a parameter lacks its tensor",
      Bytes.pickle(("a", Bytes.call("torch._utils", "_rebuild_parameter", Bytes.integer(1))))),
    Case(
      "a subclass of itself", "a tensor's subclass lacks its tensor",
      Bytes.pickle(
        (
          "a",
          Bytes.call(
            "torch._tensor", "_rebuild_from_type_v2", Bytes.global("torch._tensor", "_rebuild_from_type_v2"),
            Bytes.none, Bytes.emptyTuple)
        ))),
    Case(
      "a persistent id that is text", "a persistent id is not a tuple that begins with text",
      Bytes.pickle(("a", Bytes.text("0") + Bytes.persistent))),
    Case(
      "a persistent id of numbers", "a persistent id is not a tuple that begins with text",
      Bytes.pickle(("a", Bytes.integers([1, 2]) + Bytes.persistent))),
    Case(
      "a persistent id of another kind", "a persistent id is not that of a storage",
      Bytes.pickle(("a", Bytes.tuple(Bytes.text("network"), Bytes.none) + Bytes.persistent))),
    Case(
      "a persistent id with a number for a key", "a persistent id is not that of a storage",
      Bytes.pickle(
        (
          "a",
          Bytes.tuple(
            Bytes.text("storage"), Bytes.global("torch", "FloatStorage"), Bytes.integer(0), Bytes.text("cpu"),
            Bytes.integer(4)) + Bytes.persistent
        ))),
  ]

  private static func version3(_ type: [UInt8]) -> [UInt8] {
    Bytes.call(
      "torch._utils", "_rebuild_tensor_v3", Bytes.storage("UntypedStorage", count: 16), Bytes.integer(0),
      Bytes.integers([4]), Bytes.integers([1]), [0x89], Bytes.emptyDictionary, type)
  }
}
