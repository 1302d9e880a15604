import Gzip
import TestSupport
import Testing

@Suite(.tags(.fast)) struct GzipTests {
  @Test(arguments: [0, 1, 100, 65_536, 1_000_000])
  func `What is packed is unpacked to the byte`(size: Int) throws {
    var numbers = SeededNumbers(seed: UInt64(size))
    // Half of it repeats, half of it does not.
    let bytes = (0..<size).map {
      $0 % 2 == 0 ? UInt8(truncatingIfNeeded: $0 / 64) : UInt8.random(in: 0...255, using: &numbers)
    }
    let packed = try #require(Gzip.packed(bytes))
    #expect(packed.starts(with: [0x1F, 0x8B]))
    #expect(Gzip.unpacked(packed, limit: max(size, 1)) == bytes)
  }

  @Test func `No more comes of it than the limit allows`() throws {
    let packed = try #require(Gzip.packed([UInt8](repeating: 0x20, count: 1 << 20)))
    #expect(packed.count < 10_000)
    #expect(Gzip.unpacked(packed, limit: 1 << 20)?.count == 1 << 20)
    #expect(Gzip.unpacked(packed, limit: (1 << 20) - 1) == nil)
  }

  @Test func `What is damaged, cut off or not packed is nothing`() throws {
    let packed = try #require(Gzip.packed(Array("an event that went a long way".utf8)))
    for count in 0..<packed.count { #expect(Gzip.unpacked(Array(packed.prefix(count)), limit: 100) == nil, "\(count)") }
    var damaged = packed
    damaged[packed.count - 5] ^= 1
    #expect(Gzip.unpacked(damaged, limit: 100) == nil)
    #expect(Gzip.unpacked(Array("not packed".utf8), limit: 100) == nil)
  }
}
