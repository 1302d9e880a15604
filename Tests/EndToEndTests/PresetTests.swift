import Glibc
import SystemPackage
import TestSupport
import Testing

/// Each configuration that `init --for` writes accepts what its system sends.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct PresetTests {
  struct Preset: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What is dropped, one after the other, and the eventId of each; nil: it is a duplicate.
    var drops: [(body: String, eventId: String?, type: String)]
  }

  static let presets = [
    Preset(
      testDescription: "stripe",
      drops: [
        (
          #"""
          {"id":"evt_1NG8Du2eZvKYlo2CUI79vXWy","object":"event","api_version":"2019-02-19","created":1686089970,
          "data":{"object":{"id":"seti_1NG8Du2eZvKYlo2C9XMqbR0x","object":"setup_intent","metadata":{},"flow_directions":null}},
          "livemode":false,"pending_webhooks":0,"request":{"id":null,"idempotency_key":null},"type":"setup_intent.created"}
          """#, "evt_1NG8Du2eZvKYlo2CUI79vXWy", "setup_intent.created"
        )
      ]),
    Preset(
      testDescription: "cloudevents",
      drops: [
        (
          #"{"specversion":"1.0","type":"com.example.order","source":"/shop/1","id":"A234-1","time":"2018-04-05T17:31:00Z","datacontenttype":"text/xml","data":"<much wow=\"xml\"/>"}"#,
          "/shop/1:A234-1", "com.example.order"
        ),
        (
          #"{"specversion":"1.0","type":"com.example.order","source":"/shop/2","id":"A234-1","data_base64":"eHg="}"#,
          "/shop/2:A234-1", "com.example.order"
        ),
      ]),
    Preset(
      testDescription: "shopify",
      drops: [
        (
          #"{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508","updated_at":"2021-12-31T19:00:00-05:00","name":"1001","total_price":"404.95","line_items":[{"id":866550311766439020,"quantity":1,"price":"199.00"}]}"#,
          "shopify:gid%3A//shopify/Order/820982911946154508:2021-12-31T19:00:00-05:00", "shopify.order"
        ),
        (
          #"{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508","updated_at":"2022-01-01T09:00:00-05:00","name":"1001","cancelled_at":"2022-01-01T09:00:00-05:00"}"#,
          "shopify:gid%3A//shopify/Order/820982911946154508:2022-01-01T09:00:00-05:00", "shopify.order"
        ),
        // What its test button sends, and what is sent for a deleted order.
        (#"{"id":820982911946154509,"updated_at":null,"test":true}"#, "shopify:820982911946154509", "shopify.order"),
        (#"{"id":820982911946154510}"#, "shopify:820982911946154510", "shopify.order"),
      ]),
    Preset(
      testDescription: "woocommerce",
      drops: [
        (
          #"{"id":727,"parent_id":0,"number":"727","order_key":"wc_order_58d2d042d1d","status":"processing","date_created_gmt":"2017-03-22T19:28:02","date_modified_gmt":"2017-03-22T19:28:08","total":"29.35","line_items":[{"id":315,"quantity":2}]}"#,
          "woocommerce:727:2017-03-22T19:28:08", "woocommerce.order"
        ),
        (
          #"{"id":727,"number":"727","status":"completed","date_modified_gmt":"2017-03-22T20:00:00","total":"29.35"}"#,
          "woocommerce:727:2017-03-22T20:00:00", "woocommerce.order"
        ),
        // A deleted order.
        (#"{"id":728}"#, "woocommerce:728", "woocommerce.order"),
      ]),
    Preset(
      testDescription: "dolibarr",
      drops: [
        (
          #"{"triggercode":"ORDER_VALIDATE","object":{"id":"12","ref":"CO2611-0012","socid":7,"date_modification":1764400000,"lines":[{"id":"31","qty":"2","subprice":"12.50000000"}]}}"#,
          "dolibarr:ORDER_VALIDATE:12:1764400000", "ORDER_VALIDATE"
        ),
        // A newly created object has not been modified.
        (
          #"{"triggercode":"ORDER_CREATE","object":{"id":13,"ref":"(PROV13)","date_modification":null}}"#,
          "dolibarr:ORDER_CREATE:13", "ORDER_CREATE"
        ),
      ]),
    Preset(
      testDescription: "till",
      drops: [
        (
          #"{"till":"3","receipt":{"number":"2026-000123","time":"2026-11-23T10:11:12","cashier":"Zo\#u{E9}","lines":[{"article":"4006381333931","text":"Stift","qty":2,"price":1.99}],"total":3.98,"payment":[{"kind":"cash","amount":5.00}]}}"#,
          "till:3:2026-000123", "RECEIPT"
        ),
        (
          #"{"receipt":{"id":123,"lines":[{"qty":1,"price":2}]},"type":"REFUND"}"#, "till:123", "REFUND"
        ),
        (#"{"till":4,"receipt":{"no":124,"lines":[]}}"#, "till:4:124", "RECEIPT"),
        (#"{"till":4,"receipt":"R-125","lines":[{"qty":1}]}"#, "till:4:R-125", "RECEIPT"),
        (#"{"receipt":126,"lines":[{"qty":1}]}"#, "till:126", "RECEIPT"),
        (#"{"till":4,"receiptNumber":127,"lines":[{"qty":1}]}"#, "till:4:127", "RECEIPT"),
        // Sent again.
        (#"{"till":4, "receipt":"R-125", "lines":[{"qty":1}]}"#, nil, "RECEIPT"),
      ]),
  ]

  /// In the character set used by such systems.
  private func bytes(_ text: String, isLatin: Bool) -> [UInt8] {
    isLatin ? text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } : Array(text.utf8)
  }

  @Test(arguments: presets)
  func `What a system sends is taken as its preset says`(preset: Preset) async throws {
    let tree = TemporaryTree()
    let kind = preset.testDescription
    let config = ["--config", tree.path.appending("config.yaml").string]
    let made = try await SpawnedProgram(["init", "--for", kind] + config).end()
    #expect(made.code == 0, "\(made)")
    let check = try await SpawnedProgram(["check", "--strict"] + config).end()
    #expect(check.code == 0, "\(check)")
    for (index, drop) in preset.drops.enumerated() {
      let name = "\(kind)-\(index).json"
      tree.write(bytes(drop.body, isLatin: kind == "till"), to: "inbox/\(name)")
      if kind == "till" { tree.write("", to: "inbox/\(name).done") }
      let path = tree.path.appending("inbox").appending(name).string
      let trial = try await SpawnedProgram(["test", path] + config).end()
      #expect(trial.output.contains(drop.eventId.map { "eventId    \($0)" } ?? "duplicate"), "\(drop.body): \(trial)")
      let once = try await SpawnedProgram(["run", "--once"] + config).end()
      #expect(once.code == 0 && tree.names("inbox") == [], "\(drop.body): \(once)")
      #expect(tree.names("retry") == [] && tree.names("failed") == [], "\(drop.body): \(once)")
      guard let id = drop.eventId else { continue }
      let listed = try await SpawnedProgram(["show", "--json", id] + config).end()
      #expect(listed.code == 0 && listed.output.contains("\"eventType\":\"\(drop.type)\""), "\(id): \(listed)")
    }
    let listed = try await SpawnedProgram(["list", "--json"] + config).end()
    #expect(listed.output.split(separator: "\n").count == preset.drops.count { $0.eventId != nil }, "\(listed)")
  }

  @Test func `Receipts a line are taken as well`() async throws {
    let tree = TemporaryTree()
    let config = ["--config", tree.path.appending("config.yaml").string]
    #expect(try await SpawnedProgram(["init", "--for", "till"] + config).end().code == 0)
    let receipts = Self.presets.last?.drops.map(\.body) ?? []
    tree.write(bytes(receipts.joined(separator: "\r\n"), isLatin: true), to: "inbox/day.jsonl")
    tree.write("", to: "inbox/day.jsonl.done")
    let once = try await SpawnedProgram(["run", "--once"] + config).end()
    #expect(once.code == 0 && tree.names("failed") == [] && tree.names("retry") == [], "\(once)")
    let listed = try await SpawnedProgram(["list", "--json"] + config).end()
    #expect(listed.output.split(separator: "\n").count == receipts.count - 1, "\(listed)")
  }
}
