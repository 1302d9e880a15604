import Glibc
import Operations
import SystemPackage
import TestSupport
import Testing

@Suite("Lines to a descriptor", .tags(.fast))
struct LineWriterTests {
  @Test("What was written and is lost is reported, and the first reason stays")
  func lost() throws {
    let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
    try #require(descriptor >= 0)
    let writer = LineWriter(descriptor: descriptor)
    #expect(writer.failure == nil)
    writer.write(lines: ["a line"])
    #expect(writer.failure == .noSpace)
    close(descriptor)
    writer.write(lines: ["another line"])
    #expect(writer.failure == .noSpace)
  }

  @Test("What was written whole is not lost")
  func whole() throws {
    let descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let writer = LineWriter(descriptor: descriptor)
    writer.write(lines: ["a line"])
    #expect(writer.failure == nil)
  }
}
