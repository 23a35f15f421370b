/// The element type of a stored tensor, in the spelling of safetensors; PyTorch's other types are spelt
/// alike.
enum ElementType: String, CaseIterable, Sendable {
  case BOOL, U8, I8, U16, I16, U32, I32, U64, I64, F16, BF16, F32, F64, F8_E4M3, F8_E5M2
  // Types of which terrane knows the size only.
  case F4, F6_E2M3, F6_E3M2, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, C32, C64, C128, QI8, QU8, QI32

  var bits: Int {
    switch self {
    case .F4: 4
    case .F6_E2M3, .F6_E3M2: 6
    case .BOOL, .U8, .I8, .F8_E4M3, .F8_E5M2, .F8_E8M0, .F8_E4M3FNUZ, .F8_E5M2FNUZ, .QI8, .QU8: 8
    case .U16, .I16, .F16, .BF16: 16
    case .U32, .I32, .F32, .C32, .QI32: 32
    case .U64, .I64, .F64, .C64: 64
    case .C128: 128
    }
  }

  /// Whether values of the type become Float32.
  var isReadable: Bool {
    switch self {
    case .BOOL, .U8, .I8, .U16, .I16, .U32, .I32, .U64, .I64, .F16, .BF16, .F32, .F64, .F8_E4M3, .F8_E5M2:
      true
    case .F4, .F6_E2M3, .F6_E3M2, .F8_E8M0, .F8_E4M3FNUZ, .F8_E5M2FNUZ, .C32, .C64, .C128, .QI8, .QU8, .QI32:
      false
    }
  }

  static let readable = allCases.filter(\.isReadable).map(\.rawValue).joined(separator: ", ")
}

// MARK: ONNX's numbers

extension ElementType {
  /// Finds the type by its number in ONNX files, `TensorProto.DataType`; nil for texts and integers of 4
  /// bits.
  init?(onnx number: Int) {
    switch number {
    case 1: self = .F32
    case 2: self = .U8
    case 3: self = .I8
    case 4: self = .U16
    case 5: self = .I16
    case 6: self = .I32
    case 7: self = .I64
    case 9: self = .BOOL
    case 10: self = .F16
    case 11: self = .F64
    case 12: self = .U32
    case 13: self = .U64
    case 14: self = .C64
    case 15: self = .C128
    case 16: self = .BF16
    case 17: self = .F8_E4M3
    case 18: self = .F8_E4M3FNUZ
    case 19: self = .F8_E5M2
    case 20: self = .F8_E5M2FNUZ
    case 24: self = .F8_E8M0
    default: return nil
    }
  }
}

// MARK: PyTorch's names

extension ElementType {
  /// Finds the type by the class of a PyTorch storage: `FloatStorage`.
  init?(storageClass name: String) {
    switch name {
    case "BoolStorage": self = .BOOL
    case "ByteStorage": self = .U8
    case "CharStorage": self = .I8
    case "ShortStorage": self = .I16
    case "IntStorage": self = .I32
    case "LongStorage": self = .I64
    case "HalfStorage": self = .F16
    case "BFloat16Storage": self = .BF16
    case "FloatStorage": self = .F32
    case "DoubleStorage": self = .F64
    case "ComplexFloatStorage": self = .C64
    case "ComplexDoubleStorage": self = .C128
    case "QInt8Storage": self = .QI8
    case "QUInt8Storage": self = .QU8
    case "QInt32Storage": self = .QI32
    default: return nil
    }
  }

  /// Finds the type by the name of a PyTorch type: `float32`.
  init?(torchType name: String) {
    switch name {
    case "bool": self = .BOOL
    case "uint8": self = .U8
    case "int8": self = .I8
    case "uint16": self = .U16
    case "int16": self = .I16
    case "uint32": self = .U32
    case "int32": self = .I32
    case "uint64": self = .U64
    case "int64": self = .I64
    case "float16": self = .F16
    case "bfloat16": self = .BF16
    case "float32": self = .F32
    case "float64": self = .F64
    case "float8_e4m3fn": self = .F8_E4M3
    case "float8_e5m2": self = .F8_E5M2
    case "float8_e4m3fnuz": self = .F8_E4M3FNUZ
    case "float8_e5m2fnuz": self = .F8_E5M2FNUZ
    case "float8_e8m0fnu": self = .F8_E8M0
    case "complex32": self = .C32
    case "complex64": self = .C64
    case "complex128": self = .C128
    default: return nil
    }
  }
}
