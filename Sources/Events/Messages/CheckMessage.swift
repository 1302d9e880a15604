/// What `eventdrop check` found.
package enum CheckMessage: String, MessageCode {
  // The configuration.
  case valid = "check-valid"
  case warning = "check-warning"
  // The webhook.
  case noWebhook = "check-no-webhook"
  case reached = "check-webhook-reached"
  case unreachable = "check-webhook-unreachable"
  case testTaken = "check-test-event-taken"
  case noAnswer = "check-no-answer"
  case testRefused = "check-test-event-not-taken"
  // What n8n says about the workflow.
  case workflowActive = "check-workflow-active"
  case takesOther = "check-workflow-takes-no-post"
  case takesAtLeast = "check-workflow-takes-at-least"
  case noWorkflow = "check-no-active-workflow"
  case startingUp = "check-n8n-starting-up"
  case nothingThere = "check-nothing-there"
  case noWebhookPath = "check-no-webhook-path"
  case notKnownNow = "check-workflow-not-known-now"
  case notSaid = "check-workflow-not-said"
  // Folders.
  case inbox = "check-inbox"
  case writable = "check-folder-writable"
  case littleSpace = "check-folder-little-space"
  case missing = "check-folder-missing"
  case folderFails = "check-folder-fails"
  case notMade = "check-folder-not-to-be-made"
  case claimable = "check-files-claimable"
  case renamable = "check-files-renamable"
  case notClaimable = "check-files-not-claimable"
  case lockFree = "check-lock-free"
  case lockHeld = "check-lock-held"
  // The database of the identities shared by several machines.
  case fleetUsable = "check-fleet-usable"
  case fleetAway = "check-fleet-away"
  case fleetUnusable = "check-fleet-unusable"
  case fleetTooOld = "check-fleet-too-old"
  case fleetEncoding = "check-fleet-encoding"
  case fleetNoTables = "check-fleet-no-tables"
  case fleetOtherTables = "check-fleet-other-tables"
  case fleetNoRights = "check-fleet-no-rights"
  case fleetNameTaken = "check-fleet-name-taken"
  case fleetNotDurable = "check-fleet-not-durable"
  case fleetCommit = "check-fleet-commit"

  package var arguments: [String] {
    switch self {
    case .noWebhook, .noAnswer, .workflowActive, .noWorkflow, .startingUp, .nothingThere, .noWebhookPath,
      .fleetNoTables, .fleetOtherTables:
      []
    case .valid: ["file"]
    case .warning: ["text"]
    case .reached: ["address"]
    case .unreachable: ["address", "why", "key"]
    case .testTaken: ["address", "eventType"]
    case .testRefused: ["address", "why", "response"]
    case .takesOther: ["methods"]
    case .takesAtLeast: ["method"]
    case .notSaid: ["status"]
    case .notKnownNow, .notMade, .fleetAway, .fleetUnusable: ["why"]
    case .inbox, .claimable, .renamable: ["name"]
    case .writable, .littleSpace: ["name", "path", "space"]
    case .missing: ["name", "path"]
    case .folderFails, .notClaimable: ["why", "advice"]
    case .lockFree: ["path"]
    case .lockHeld: ["process"]
    case .fleetUsable: ["version", "node"]
    case .fleetTooOld: ["version"]
    case .fleetEncoding: ["encoding"]
    case .fleetNoRights: ["tables"]
    case .fleetNameTaken: ["node", "seen"]
    case .fleetNotDurable: ["setting"]
    case .fleetCommit: ["value"]
    }
  }
}

extension CheckMessage {
  package var english: MessageWords {
    switch self {
    case .valid: "{file}: valid"
    case .warning: "warning: {text}"
    case .noWebhook: "webhook: none; events are stored and wait as pending"
    case .reached: "webhook {address}: can be reached"
    case .unreachable:
      MessageWords(
        "the webhook {address} cannot be reached now: {why}",
        advice: "look at {key}, and whether n8n runs; events wait as pending until then")
    case .testTaken: "webhook {address}: took one test event, of the eventType '{eventType}'"
    case .noAnswer: "there was no answer"
    case .testRefused: "webhook {address}: the test event was not taken: {why}{response|; the answer: #}"
    case .workflowActive: "workflow: active at this path, and takes POST"
    case .takesOther:
      MessageWords(
        "the workflow takes {methods} only, no POST", advice: "set the Webhook node's HTTP method to POST")
    case .takesAtLeast:
      MessageWords(
        "workflow: active at this path, and takes {method}; of a path with a variable part n8n names one method only",
        advice: "eventdrop check --send shows whether it takes POST as well")
    case .noWorkflow:
      MessageWords(
        "n8n says that no active workflow has this path",
        advice:
          "activate the workflow (in n8n 2: publish it), and compare the address with the Webhook node's production"
          + " URL; within a minute of n8n's start, check again")
    case .startingUp: "workflow: n8n is starting up; check again in a minute"
    case .nothingThere:
      MessageWords(
        "there is nothing at this address: n8n is starting up, or this is not a webhook's path",
        advice: "check again in a minute, and compare the address with the Webhook node's production URL")
    case .noWebhookPath:
      MessageWords(
        "n8n answers, and this is not a webhook's path",
        advice: "set forward.url to the Webhook node's production URL, such as https://n8n.example/webhook/…")
    case .notKnownNow:
      MessageWords(
        "whether the workflow is active cannot be said now: {why}",
        advice: "see whether n8n is well, and check again; events wait as pending until then")
    case .notSaid:
      MessageWords(
        "workflow: what answers there ({status}) does not say whether one is active; it is not n8n, or something before it"
          + " keeps it from saying")
    case .inbox: "inbox '{name}'"
    case .writable: "{name}: {path} can be written, {space} are free"
    case .littleSpace:
      MessageWords("{name}: {path} can be written, {space} are free, which is little", advice: "make room")
    case .missing: "{name}: {path} is missing, and is made at the start"
    case .folderFails: "{why}; {advice}"
    case .notMade: MessageWords("{why}", advice: "make it, and give it to the user that eventdrop runs as")
    case .claimable: "{name}: files can be claimed, and put back"
    case .renamable: "{name}: files can be renamed, as claims need it"
    case .notClaimable: "no file can be claimed there: {why}. Drops would stay where they are; {advice}"
    case .lockFree: "lock: free; no eventdrop works on {path}"
    case .lockHeld: "lock: an eventdrop is running (process {process})"
    case .fleetUsable: "fleet: the database (PostgreSQL {version}) can be used; this machine's name is '{node}'"
    case .fleetAway:
      MessageWords(
        "the fleet's database cannot be reached now: {why}",
        advice: "look at fleet.url, and whether PostgreSQL runs; drops wait in their inboxes until then")
    case .fleetUnusable:
      MessageWords(
        "the fleet's database cannot be used: {why}",
        advice: "look at fleet.url, and at what its role may do in the database")
    case .fleetTooOld:
      MessageWords(
        "the fleet's database is PostgreSQL {version}, which is too old", advice: "use PostgreSQL 13 or later")
    case .fleetEncoding:
      MessageWords(
        "the fleet's database is encoded in {encoding}, not in UTF8",
        advice: "make another: CREATE DATABASE eventdrop ENCODING UTF8 TEMPLATE template0")
    case .fleetNoTables:
      MessageWords("the fleet's database has no tables for eventdrop", advice: "make them: eventdrop fleet init")
    case .fleetOtherTables:
      MessageWords(
        "the tables in the fleet's database are of another version of eventdrop",
        advice: "run the same version on all machines")
    case .fleetNoRights:
      MessageWords(
        "the role of fleet.url may not read and write {tables}",
        advice: "grant it USAGE on the schema eventdrop, and SELECT, INSERT, UPDATE and DELETE on its tables")
    case .fleetNameTaken:
      MessageWords(
        "another machine of the fleet is called '{node}', and was there {seen} ago",
        advice: "give each machine a name of its own; this one would not store")
    case .fleetNotDurable:
      MessageWords(
        "the server of the fleet's database has {setting} = off: a power cut can take what it has confirmed, or damage it",
        advice: "set it to on")
    case .fleetCommit:
      MessageWords(
        "the server of the fleet's database has synchronous_commit = {value}; eventdrop sets it to on for its own session",
        advice: "set it to on there, too: what is between the two may not keep the session's")
    }
  }

  package var french: MessageWords {
    switch self {
    case .valid: "{file} : valide"
    case .warning: "avertissement : {text}"
    case .noWebhook: "webhook : aucun ; les événements sont enregistrés et restent en attente"
    case .reached: "webhook {address} : joignable"
    case .unreachable:
      MessageWords(
        "le webhook {address} est injoignable pour l’instant : {why}",
        advice: "vérifiez {key}, et si n8n tourne ; d’ici là, les événements restent en attente")
    case .testTaken: "webhook {address} : a accepté un événement d’essai, d’eventType « {eventType} »"
    case .noAnswer: "il n’y a pas eu de réponse"
    case .testRefused:
      "webhook {address} : l’événement d’essai n’a pas été accepté : {why}{response| ; la réponse : #}"
    case .workflowActive: "workflow : actif à ce chemin, et accepte POST"
    case .takesOther:
      MessageWords(
        "le workflow n’accepte que {methods}, et non POST", advice: "réglez la méthode HTTP du nœud Webhook sur POST")
    case .takesAtLeast:
      MessageWords(
        "workflow : actif à ce chemin, et accepte {method} ; d’un chemin à partie variable, n8n ne nomme qu’une méthode",
        advice: "eventdrop check --send montre s’il accepte aussi POST")
    case .noWorkflow:
      MessageWords(
        "n8n dit qu’aucun workflow actif n’a ce chemin",
        advice: "activez le workflow (dans n8n 2 : « Publish »), et comparez l’adresse avec l’URL de production du nœud"
          + " Webhook ; si n8n vient de démarrer, relancez eventdrop check dans une minute")
    case .startingUp: "workflow : n8n démarre ; relancez eventdrop check dans une minute"
    case .nothingThere:
      MessageWords(
        "il n’y a rien à cette adresse : n8n démarre, ou ce n’est pas le chemin d’un webhook",
        advice:
          "relancez eventdrop check dans une minute, et comparez l’adresse avec l’URL de production du nœud Webhook")
    case .noWebhookPath:
      MessageWords(
        "n8n répond, mais ce n’est pas le chemin d’un webhook",
        advice: "mettez dans forward.url l’URL de production du nœud Webhook, par exemple https://n8n.example/webhook/…"
      )
    case .notKnownNow:
      MessageWords(
        "impossible de dire pour l’instant si le workflow est actif : {why}",
        advice: "vérifiez que n8n va bien, et relancez eventdrop check ; d’ici là, les événements restent en attente")
    case .notSaid:
      MessageWords(
        "workflow : ce qui répond là ({status}) ne dit pas s’il y en a un d’actif ; ce n’est pas n8n, ou ce qui le précède"
          + " l’en empêche")
    case .inbox: "dépôt « {name} »"
    case .writable: "{name} : {path} est accessible en écriture, {space} libres"
    case .littleSpace:
      MessageWords(
        "{name} : {path} est accessible en écriture, {space} libres, c’est peu", advice: "libérez de la place")
    case .missing: "{name} : {path} n’existe pas encore, et sera créé au démarrage"
    case .folderFails: "{why} ; {advice}"
    case .notMade: MessageWords("{why}", advice: "créez-le, et donnez-le à l’utilisateur d’eventdrop")
    case .claimable: "{name} : les fichiers peuvent être pris en charge, et remis en place"
    case .renamable: "{name} : les fichiers peuvent être renommés, comme la prise en charge le demande"
    case .notClaimable:
      "aucun fichier ne peut y être pris en charge : {why}. Les fichiers déposés y resteraient ; {advice}"
    case .lockFree: "verrou : libre ; aucun eventdrop ne travaille sur {path}"
    case .lockHeld: "verrou : un eventdrop est en marche (processus {process})"
    case .fleetUsable:
      "base commune : PostgreSQL {version}, utilisable ; cette machine s’appelle « {node} »"
    case .fleetAway:
      MessageWords(
        "la base commune est injoignable pour l’instant : {why}",
        advice: "vérifiez fleet.url, et si PostgreSQL tourne ; d’ici là, les fichiers attendent dans leurs dépôts")
    case .fleetUnusable:
      MessageWords(
        "la base commune est inutilisable : {why}",
        advice: "vérifiez fleet.url, et les droits de son rôle dans la base")
    case .fleetTooOld:
      MessageWords(
        "la base commune est un PostgreSQL {version}, trop ancien", advice: "il faut PostgreSQL 13 ou plus récent")
    case .fleetEncoding:
      MessageWords(
        "la base commune est encodée en {encoding}, et non en UTF8",
        advice: "créez-en une autre : CREATE DATABASE eventdrop ENCODING UTF8 TEMPLATE template0")
    case .fleetNoTables:
      MessageWords("la base commune n’a pas les tables d’eventdrop", advice: "créez-les : eventdrop fleet init")
    case .fleetOtherTables:
      MessageWords(
        "les tables de la base commune sont celles d’une autre version d’eventdrop",
        advice: "installez la même version sur toutes les machines")
    case .fleetNoRights:
      MessageWords(
        "le rôle de fleet.url ne peut pas lire et écrire {tables}",
        advice: "donnez-lui USAGE sur le schéma eventdrop, et SELECT, INSERT, UPDATE et DELETE sur ses tables")
    case .fleetNameTaken:
      MessageWords(
        "une autre machine s’appelle aussi « {node} » (vue il y a {seen})",
        advice: "donnez à chaque machine un nom à elle ; celle-ci ne stockerait rien")
    case .fleetNotDurable:
      MessageWords(
        "le serveur de la base commune a {setting} = off : une coupure de courant peut lui faire perdre ce qu’il a confirmé,"
          + " ou l’endommager",
        advice: "réglez-le sur on")
    case .fleetCommit:
      MessageWords(
        "le serveur de la base commune a synchronous_commit = {value} ; eventdrop le règle sur on pour sa propre session",
        advice: "réglez-le aussi sur on sur le serveur : un intermédiaire peut ne pas garder ce réglage")
    }
  }
}
