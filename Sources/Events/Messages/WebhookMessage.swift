/// What is wrong with the webhook, or what it said about an event.
package enum WebhookMessage: String, MessageCode {
  // There is no answer.
  case unreachable = "webhook-unreachable"
  case timeout = "webhook-timeout"
  case noAnswer = "webhook-no-answer"
  case connectionEnded = "webhook-connection-ended"
  case noSecureConnection = "webhook-no-secure-connection"
  case proxyCannotReach = "proxy-cannot-reach-webhook"
  case proxyWantsCredentials = "proxy-wants-credentials"
  case proxyRefuses = "proxy-refuses"
  case noRequest = "no-request-possible"
  // n8n is not ready, or not set up.
  case startingUp = "n8n-starting-up"
  case notRun = "n8n-did-not-run"
  case noCredential = "n8n-node-without-credential"
  case cannotStart = "n8n-cannot-start-workflow"
  case cannotRun = "n8n-cannot-run-workflow"
  case whoAnswers = "n8n-nobody-answers"
  case nothingPutOut = "n8n-no-item-to-return"
  case notAllowed = "n8n-address-not-allowed"
  case inactive = "n8n-no-active-webhook"
  case notForPOST = "n8n-not-registered-for-post"
  case forOtherMethods = "n8n-registered-for-other-methods"
  case nothingThere = "webhook-not-found"
  // What it answers.
  case packedAnswer = "answer-packed"
  case emptyJSON = "answer-empty-json"
  case namesNone = "answer-names-no-event"
  case beforeRun = "answer-before-run"
  case tooLongAnswer = "answer-too-long"
  case emptyAnswer = "answer-empty"
  case noResults = "answer-without-results"
  case redirects = "webhook-redirects"
  case refusesCredentials = "webhook-refuses-credentials"
  case refusesUs = "webhook-refuses-us"
  case wantsPayment = "webhook-wants-payment"
  case noPOST = "webhook-takes-no-post"
  case gone = "webhook-gone"
  case noJSON = "webhook-takes-no-json"
  case asksAgain = "webhook-asks-again"
  case wantsConnection = "webhook-wants-user-connection"
  case tooMany = "webhook-too-many-requests"
  case refuses = "webhook-refuses-request"
  case tooLarge = "webhook-request-too-large"
  case workflowFails = "workflow-fails"
  case fails = "webhook-fails"
  case unavailable = "webhook-unavailable"
  case saysNothing = "webhook-answer-says-nothing"
  case refusesAll = "webhook-refuses-all"
  // What it says about an event.
  case later = "event-wanted-later"
  case rejected = "event-rejected"
  case unnamed = "event-not-named"
  case namedTwice = "event-named-twice"

  package var arguments: [String] {
    switch self {
    case .unreachable, .timeout, .noAnswer, .connectionEnded, .noSecureConnection, .noRequest, .refusesAll: ["why"]
    case .proxyCannotReach, .proxyRefuses, .noCredential, .cannotStart, .notAllowed, .asksAgain: ["status"]
    case .cannotRun, .whoAnswers, .nothingPutOut, .noJSON, .refuses, .unavailable, .saysNothing: ["status", "said"]
    case .forOtherMethods: ["methods"]
    case .tooLongAnswer: ["mebibytes"]
    case .noResults: ["begun"]
    case .redirects: ["status", "target"]
    case .refusesCredentials, .refusesUs, .wantsPayment, .wantsConnection, .workflowFails, .fails, .later, .rejected:
      ["said"]
    default: []
    }
  }
}
