#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Bytes that end where readable memory ends: the kernel stops any read beyond them.
final class GuardedBytes {
  private let pages: UnsafeMutableRawPointer
  private let size: Int
  private let page = Int(getpagesize())

  init?(capacity: Int) {
    size = (capacity + page - 1) / page * page
    guard let pages = mmap(nil, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0),
      pages != MAP_FAILED, mprotect(pages + size, page, PROT_NONE) == 0
    else { return nil }
    self.pages = pages
  }

  deinit { munmap(pages, size + page) }

  /// The bytes, at the very end of the memory, until the next call.
  func holding(_ bytes: [UInt8]) -> UnsafeBufferPointer<UInt8> {
    let start = pages + (size - bytes.count)
    start.copyMemory(from: bytes, byteCount: bytes.count)
    return UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: bytes.count)
  }
}
