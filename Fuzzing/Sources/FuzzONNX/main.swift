import FuzzTarget

FuzzTarget.run { bytes, count in
  // The number of the format.
  FuzzTarget.read(bytes, count, signature: [0x08])
  return 0
}
