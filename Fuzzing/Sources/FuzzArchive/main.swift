import FuzzTarget

FuzzTarget.run { bytes, count in
  FuzzTarget.read(bytes, count, signature: [0x50, 0x4B, 3, 4])
  return 0
}
