/// Generates payment events that look like Stripe's, always the same for the same seed.
struct PaymentEvents {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// An event of about `size` bytes, compact.
  mutating func next(size: Int) -> [UInt8] {
    var text =
      #"{"id":"\#(id("evt"))","object":"event","type":"\#(pick(Self.types))","created":\#(time()),"livemode":true"#
    guard size > 300 else {
      text += #","data":{"id":"\#(id("pi"))","amount":\#(below(500_000)),"currency":"eur","paid":true}}"#
      return Array(text.utf8)
    }
    text += #","api_version":"2026-08-27.basil","pending_webhooks":\#(below(4)),"request":"#
    text += #"{"id":null,"idempotency_key":"\#(id("key"))"},"data":{"object":{"id":"\#(id("pi"))","amount":"#
    text += #"\#(below(5_000_000)),"currency":"eur","customer":"\#(id("cus"))","description":"\#(pick(Self.texts))","#
    text +=
      #""metadata":{"order_id":"\#(below(1_000_000))","note":"\#(pick(Self.texts))"},"fx":\#(below(200)).\#(below(9999))"#
    text += #","receipt_url":"https:\/\/pay.example.com\/receipts\/\#(id("rcpt"))","refunded":false,"line_items":["#
    var separator = ""
    while text.utf8.count < size - 90 {
      text += separator
      text +=
        #"{"id":"\#(id("li"))","quantity":\#(1 + below(9)),"price":{"unit_amount":\#(below(90_000)),"tax":[5.5,20]},"#
      text += #""description":"\#(pick(Self.texts))","discounts":[],"proration":null,"taxable":true}"#
      separator = ","
    }
    text += #"]}}}"#
    return Array(text.utf8)
  }

  private mutating func below(_ bound: UInt64) -> UInt64 {
    // SplitMix64.
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return (value ^ (value >> 31)) % bound
  }

  private mutating func pick(_ texts: [String]) -> String {
    texts[Int(below(UInt64(texts.count)))]
  }

  private mutating func time() -> UInt64 { 1_790_000_000 + below(10_000_000) }

  private mutating func id(_ prefix: String) -> String {
    let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789")
    var id = prefix + "_"
    for _ in 0..<(16 + below(9)) { id.append(letters[Int(below(UInt64(letters.count)))]) }
    return id
  }

  private static let types = [
    "payment_intent.succeeded", "payment_intent.payment_failed", "charge.refunded", "checkout.session.completed",
    "invoice.paid", "PAYMENT_RECEIVED", "ORDER_PROCESSED",
  ]

  private static let texts = [
    "Subscription, yearly", "Zoë Müller, 12 rue de l'Église, 75015 Paris", #"Gift card \"Noël\", 50 €"#,
    "Order 2026-11 of the spring collection, delivered by courier to the reception desk", "", "ok",
    #"line one\nline two\ttabbed"#, "Crème brûlée ×2 – déjà payée", "東京都千代田区丸の内", #"caf\u00e9 \ud83d\ude00"#,
    "T-shirt, size M",
  ]
}

/// Indents compact JSON by two spaces per level, as many senders do.
func indentedEvent(_ compact: [UInt8]) -> [UInt8] {
  var output: [UInt8] = []
  var depth = 0
  var inString = false
  var escaped = false
  func newLine() { output += [0x0A] + Array(repeating: 0x20, count: 2 * depth) }
  for byte in compact {
    if inString {
      output.append(byte)
      if escaped {
        escaped = false
      } else if byte == UInt8(ascii: "\\") {
        escaped = true
      } else if byte == UInt8(ascii: "\"") {
        inString = false
      }
      continue
    }
    switch byte {
    case UInt8(ascii: "\""):
      inString = true
      output.append(byte)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      output.append(byte)
      depth += 1
      newLine()
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth -= 1
      newLine()
      output.append(byte)
    case UInt8(ascii: ","):
      output.append(byte)
      newLine()
    case UInt8(ascii: ":"): output += [byte, 0x20]
    default: output.append(byte)
    }
  }
  return output
}
