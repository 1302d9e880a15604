import Operations
import Testing

struct SinkAddressTests {
  @Test(
    arguments: [
      ("127.0.0.1:5678", "127.0.0.1:5678"), ("localhost:80", "127.0.0.1:80"), ("127.9.8.7:0", "127.9.8.7:0"),
      ("[::1]:5678", "[::1]:5678"), ("[0:0:0:0:0:0:0:1]:65535", "[0:0:0:0:0:0:0:1]:65535"),
    ])
  func loopback(text: String, address: String) throws {
    #expect(try SinkAddress(text).description == address)
  }

  @Test(
    "Addresses that others could reach are refused, and it is said why",
    arguments: ["0.0.0.0:5678", "192.168.1.2:5678", "[::]:5678", "[fe80::1]:1", "[::ffff:127.0.0.1]:1"])
  func outside(text: String) {
    let error = #expect(throws: SinkAddressError.self) { try SinkAddress(text) }
    #expect(error == .reachableFromOutside(text))
    #expect(error?.description.contains("loopback only") == true)
  }

  @Test(
    arguments: [
      "", ":", "5678", ":5678", "127.0.0.1", "127.0.0.1:", "::1:5678", "[127.0.0.1]:5678", "[::1]", "[::1]5678",
      "127.1:5678", "example.org:5678", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1", "127.0.0.1:٣", "[localhost]:1",
      "127.0.0.1\0:1", "[::1\0]:1",
    ])
  func malformed(text: String) {
    #expect(throws: SinkAddressError.malformed(text)) { try SinkAddress(text) }
  }

  @Test(arguments: ["65536", "99999999999999999999"])
  func port(digits: String) {
    #expect(throws: SinkAddressError.port(digits)) { try SinkAddress("127.0.0.1:" + digits) }
  }
}
