internal import Glibc
internal import Settings

/// Tries the address of the page.
enum ListenCheck {
  /// Whether this machine certainly does not have an address.
  ///
  /// The kernel is asked as by the page itself, but for any free port, so a running daemon is not in the way. A kernel
  /// that lets programs use an address that comes later (`ip_nonlocal_bind`) is content.
  static func isOfOtherMachine(_ address: ListenAddress) -> Bool {
    guard address.isAddress, !address.isLoopback, !address.isEveryAddress else { return false }
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address.host, "0", &hints, &list) == 0, let found = list else { return false }
    defer { freeaddrinfo(list) }
    let descriptor = socket(found.pointee.ai_family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) != 0 && errno == EADDRNOTAVAIL
  }
}
