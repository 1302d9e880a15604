internal import Glibc
internal import Synchronization
package import SystemPackage

/// Writes whole lines to a descriptor: one write(2) each, so that lines of several threads never mix.
///
/// On a terminal a footer, such as a progress bar, can stay below the lines.
package final class LineWriter: Sendable {
  private let descriptor: Int32
  private let footer = Mutex<[UInt8]>([])
  private let firstFailure = Mutex<Errno?>(nil)

  /// A writer to a descriptor, which it does not close.
  package init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// The process's standard output.
  package static let standardOutput = LineWriter(descriptor: STDOUT_FILENO)
  /// The process's standard error.
  package static let standardError = LineWriter(descriptor: STDERR_FILENO)

  /// Whether people see it immediately: isatty(3).
  package var isTerminal: Bool { isatty(descriptor) == 1 }

  /// How many columns the terminal has; nil if it is not a terminal or does not say.
  package var columns: Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Why something that was written is lost, or a part of it; nil if nothing is.
  package var failure: Errno? { firstFailure.withLock { $0 } }

  /// Writes a line and a line break.
  ///
  /// A descriptor that takes nothing any more stops nothing here: the line is lost, which `failure` reports.
  package func write(_ line: some Collection<UInt8>) {
    footer.withLock { footer in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(line.count + 1 + footer.count)
      if !footer.isEmpty { bytes.append(contentsOf: Self.clearLine) }
      bytes.append(contentsOf: line)
      bytes.append(0x0A)
      bytes.append(contentsOf: footer)
      put(bytes)
    }
  }

  /// Writes several lines, each with its line break, with nothing in between.
  package func write(lines: [String]) {
    guard !lines.isEmpty else { return }
    write(lines.joined(separator: "\n").utf8)
  }

  /// Shows a text below the lines in place of the previous one; an empty one shows nothing.
  ///
  /// It must not be wider than the terminal, and is only for terminals.
  package func showFooter(_ text: String) {
    footer.withLock { footer in
      let next = Array(text.utf8)
      guard next != footer else { return }
      footer = next
      put(Self.clearLine + next)
    }
  }

  /// Removes the footer while something is written to the same terminal without this writer.
  package func hidingFooter(_ body: () -> Void) {
    footer.withLock { footer in
      if !footer.isEmpty { put(Self.clearLine) }
      body()
      if !footer.isEmpty { put(footer) }
    }
  }

  /// Back to the first column, then delete to the end of the line (ECMA-48, 8.3.41).
  private static let clearLine: [UInt8] = [0x0D] + Array("\u{1B}[K".utf8)

  private func fail() {
    let code = Errno(rawValue: errno)
    firstFailure.withLock { if $0 == nil { $0 = code } }
  }

  private func put(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written > 0 {
          rest = rest.dropFirst(written)
        } else if errno == EAGAIN {
          // Another process sharing the descriptor made it non-blocking.
          var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          guard Glibc.poll(&poll, 1, -1) >= 0 || errno == EINTR else { return fail() }
        } else if errno != EINTR {
          return fail()
        }
      }
    }
  }
}
