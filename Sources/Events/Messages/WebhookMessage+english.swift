extension WebhookMessage {
  package var english: MessageWords {
    switch self {
    case .unreachable:
      MessageWords(
        "the webhook cannot be reached ({why})",
        advice: "see whether n8n runs, and compare 'forward.url' with its address")
    case .timeout:
      MessageWords(
        "the webhook does not answer in time ({why})",
        advice: "see whether n8n is busy, lower 'forward.batch.maxEvents' or raise 'forward.timeout'")
    case .noAnswer:
      MessageWords(
        "the webhook does not answer in time ({why})",
        advice:
          "see whether n8n is busy or without a worker, raise 'forward.timeout' or lower 'forward.batch.maxEvents'")
    case .connectionEnded:
      MessageWords(
        "the connection ended before there was an answer ({why})",
        advice: "see whether n8n runs, and what its log says")
    case .noSecureConnection:
      MessageWords(
        "there is no secure connection to the webhook ({why})", advice: "look at the certificate, and at 'forward.tls'")
    case .proxyCannotReach: "the proxy cannot reach the webhook ({status})"
    case .proxyWantsCredentials:
      MessageWords(
        "the proxy wants credentials (407)",
        advice: "put the proxy's own into 'forward.proxy', as http://user:password@host:port")
    case .proxyRefuses: MessageWords("the proxy refuses the connection ({status})", advice: "look at 'forward.proxy'")
    case .noRequest: MessageWords("no request can be made ({why})", advice: "look at 'forward' in the configuration")
    case .startingUp: "n8n is starting up"
    case .notRun:
      MessageWords(
        "n8n has taken the call without running the workflow",
        advice: "look at the condition under which the Webhook node runs ('Only Run If')")
    case .noCredential:
      MessageWords(
        "the Webhook node has no credential ({status})",
        advice: "choose one in the node, or set its authentication to none")
    case .cannotStart:
      MessageWords(
        "n8n cannot start the workflow ({status})", advice: "open the workflow in n8n and mend its Webhook node")
    case .cannotRun:
      MessageWords(
        "n8n cannot run the workflow as it is set up ({status}{said|, '#'})",
        advice: "open the workflow in n8n, and choose the credentials and node types that it names")
    case .whoAnswers:
      MessageWords(
        "the workflow and its Webhook node do not agree on who answers ({status}{said|, '#'})",
        advice:
          "set the node's Respond to 'Using Respond to Webhook Node' and let the workflow reach such a node, or to"
          + " another way and take that node out")
    case .nothingPutOut:
      MessageWords(
        "the workflow has run, and its last node has no output ({status}{said|, '#'})",
        advice: "set the Webhook node's Respond to 'Immediately', or let the last node output something")
    case .notAllowed:
      MessageWords(
        "the Webhook node takes nothing from this machine's address ({status})",
        advice: "add the address to the node's 'IP(s) Allowlist'")
    case .inactive:
      MessageWords(
        "n8n has no active webhook at this path (404)",
        advice: "activate the workflow, and compare 'forward.url' with the Webhook node's production URL")
    case .notForPOST:
      MessageWords(
        "the webhook is not registered for POST (404)", advice: "set the Webhook node's HTTP method to POST")
    case .forOtherMethods:
      MessageWords(
        "the webhook is registered for {methods} and not for POST (404)",
        advice: "set the Webhook node's HTTP method to POST")
    case .nothingThere:
      MessageWords(
        "nothing answers at this address (404)",
        advice: "compare 'forward.url' with the Webhook node's production URL")
    case .packedAnswer:
      MessageWords(
        "the answer comes packed in a way that cannot be undone",
        advice: "let the webhook, or what stands before it, answer without Content-Encoding")
    case .emptyJSON:
      MessageWords(
        "the answer is empty, though it says that it is JSON: n8n answers so when a workflow has failed, or has not"
          + " reached its Respond node",
        advice:
          "let n8n say something: Respond 'Immediately' without 'No Response Body', or a 'Respond to Webhook' node"
          + " that answers JSON; if the webhook is not n8n, set 'forward.acknowledge: any'")
    case .namesNone:
      MessageWords(
        "the answer names none of the events",
        advice:
          "let the workflow answer for the events that it gets; where it runs out of time, raise 'forward.timeout'"
          + " or lower 'forward.batch.maxEvents'")
    case .beforeRun:
      MessageWords(
        "n8n answers before the workflow has run, so that the answer has no results",
        advice: "let the Webhook node respond with a 'Respond to Webhook' node, or set 'forward.acknowledge: status'")
    case .tooLongAnswer:
      MessageWords(
        "the answer is longer than {mebibytes} MiB, so that its results cannot be read",
        advice: #"let the workflow answer with nothing but {"results":[…]}, or lower 'forward.batch.maxEvents'"#)
    case .emptyAnswer: MessageWords("the answer is empty and has no results", advice: Self.wantedResults)
    case .noResults: MessageWords("the answer has no results{begun|: '#'}", advice: Self.wantedResults)
    case .redirects:
      MessageWords(
        "the webhook redirects{target| to #} ({status})", advice: "set 'forward.url' to where it is now")
    case .refusesCredentials:
      MessageWords(
        "the webhook refuses our credentials (401{said|, '#'})",
        advice: "compare 'forward.auth' with the Webhook node's authentication")
    case .refusesUs:
      MessageWords(
        "the webhook refuses our credentials, or us (403{said|, '#'})",
        advice: "compare 'forward.auth' with the Webhook node's authentication; see whether the node's option 'Ignore"
          + " Bots' is on, which refuses every program, and whether a firewall stands before n8n")
    case .wantsPayment:
      MessageWords(
        "the webhook's service wants to be paid (402{said|, '#'})", advice: "look at its plan and its limits")
    case .noPOST:
      MessageWords(
        "the webhook does not take POST requests (405)", advice: "set the Webhook node's HTTP method to POST")
    case .gone: MessageWords("the webhook is gone for good (410)", advice: "set 'forward.url' to where it is now")
    case .noJSON:
      MessageWords(
        "the webhook does not take JSON, or does not answer in it ({status}{said|, '#'})",
        advice: "see what answers at this address, and whether 'forward.compress' is taken there")
    case .asksAgain: "the webhook asks for another attempt ({status})"
    case .wantsConnection:
      MessageWords(
        "the Webhook node asks for a user's connection (428{said|, '#'})",
        advice: "connect the credential's user in n8n, or choose another authentication in the node")
    case .tooMany: "the webhook has had too many requests (429)"
    case .refuses:
      MessageWords(
        "the webhook refuses the request ({status}{said|, '#'})",
        advice: "see in n8n's executions what the workflow refuses, or in the log of what stands before n8n")
    case .tooLarge:
      MessageWords(
        "the request is too large for the webhook (413)",
        advice: "lower 'forward.batch.maxBytes', or raise the limit of n8n or the proxy before it")
    case .workflowFails: "the workflow fails (500{said|, '#'})"
    case .fails: "the webhook fails (500{said|, '#'})"
    case .unavailable: "the webhook is not available ({status}{said|, '#'})"
    case .saysNothing:
      MessageWords(
        "the webhook answers {status}{said|, '#'}, which says nothing about the events",
        advice: "see what answers at this address")
    case .refusesAll: "whatever is sent alone is refused: {why}"
    case .later: "the workflow wants it later{said|: #}"
    case .rejected: "the workflow rejects the event{said|: #}"
    case .unnamed: "the answer does not name the event"
    case .namedTwice: "the answer names the event twice, with different results"
    }
  }

  private static let wantedResults =
    #"let the workflow answer {"results":[…]}, or set 'forward.acknowledge: status'"#
}
