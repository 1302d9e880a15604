extension Collection<UInt8> {
  /// The text itself: some editors begin a file with U+FEFF in UTF-8, which is not part of what it says.
  var withoutByteOrderMark: SubSequence {
    starts(with: [0xEF, 0xBB, 0xBF]) ? dropFirst(3) : self[...]
  }
}
