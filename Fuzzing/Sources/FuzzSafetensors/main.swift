import FuzzTarget

FuzzTarget.run { bytes, count in
  FuzzTarget.read(bytes, count)
  return 0
}
