extension WebhookMessage {
  package var french: MessageWords {
    switch self {
    case .unreachable:
      MessageWords(
        "le webhook est injoignable ({why})",
        advice: "vérifiez que n8n tourne et que « forward.url » donne bien son adresse")
    case .timeout:
      MessageWords(
        "le webhook ne répond pas à temps ({why})",
        advice: "vérifiez si n8n est surchargé, baissez « forward.batch.maxEvents » ou augmentez « forward.timeout »")
    case .noAnswer:
      MessageWords(
        "le webhook ne répond pas à temps ({why})",
        advice: "vérifiez si n8n est surchargé ou sans worker, augmentez « forward.timeout » ou baissez"
          + " « forward.batch.maxEvents »")
    case .connectionEnded:
      MessageWords(
        "la connexion s’est interrompue avant la réponse ({why})",
        advice: "vérifiez que n8n tourne, et ce que dit son journal")
    case .noSecureConnection:
      MessageWords(
        "pas de connexion sécurisée au webhook ({why})", advice: "vérifiez le certificat, et « forward.tls »")
    case .proxyCannotReach: "le proxy n’arrive pas à joindre le webhook ({status})"
    case .proxyWantsCredentials:
      MessageWords(
        "le proxy demande des identifiants (407)",
        advice: "mettez ceux du proxy dans « forward.proxy », sous la forme http://user:password@host:port")
    case .proxyRefuses: MessageWords("le proxy refuse la connexion ({status})", advice: "vérifiez « forward.proxy »")
    case .noRequest:
      MessageWords("impossible d’envoyer une requête ({why})", advice: "vérifiez « forward » dans la configuration")
    case .startingUp: "n8n démarre"
    case .notRun:
      MessageWords(
        "n8n a accepté l’appel sans exécuter le workflow",
        advice: "vérifiez à quelle condition le nœud Webhook s’exécute (« Only Run If »)")
    case .noCredential:
      MessageWords(
        "le nœud Webhook n’a pas d’identifiants ({status})",
        advice: "choisissez-en dans le nœud, ou désactivez son authentification (« None »)")
    case .cannotStart:
      MessageWords(
        "n8n ne peut pas démarrer le workflow ({status})",
        advice: "ouvrez le workflow dans n8n et corrigez son nœud Webhook")
    case .cannotRun:
      MessageWords(
        "n8n ne peut pas exécuter le workflow tel qu’il est réglé ({status}{said|, « # »})",
        advice: "ouvrez le workflow dans n8n, et choisissez les identifiants et types de nœuds qu’il signale")
    case .whoAnswers:
      MessageWords(
        "le workflow et son nœud Webhook ne s’accordent pas sur qui répond ({status}{said|, « # »})",
        advice:
          "réglez « Respond » du nœud sur « Using Respond to Webhook Node » et faites passer le workflow par un tel"
          + " nœud, ou choisissez un autre réglage et retirez ce nœud")
    case .nothingPutOut:
      MessageWords(
        "le workflow a tourné, mais son dernier nœud n’a rien produit ({status}{said|, « # »})",
        advice:
          "réglez « Respond » du nœud Webhook sur « Immediately », ou faites produire quelque chose au dernier nœud")
    case .notAllowed:
      MessageWords(
        "le nœud Webhook n’accepte rien de l’adresse de cette machine ({status})",
        advice: "ajoutez l’adresse à « IP(s) Allowlist » dans le nœud")
    case .inactive:
      MessageWords(
        "n8n n’a pas de webhook actif à ce chemin (404)",
        advice: "activez le workflow, et vérifiez que « forward.url » est l’URL de production du nœud Webhook")
    case .notForPOST:
      MessageWords(
        "le webhook n’est pas prévu pour POST (404)", advice: "réglez la méthode HTTP du nœud Webhook sur POST")
    case .forOtherMethods:
      MessageWords(
        "le webhook est prévu pour {methods} et non pour POST (404)",
        advice: "réglez la méthode HTTP du nœud Webhook sur POST")
    case .nothingThere:
      MessageWords(
        "rien ne répond à cette adresse (404)",
        advice: "vérifiez que « forward.url » est l’URL de production du nœud Webhook")
    case .packedAnswer:
      MessageWords(
        "la réponse est compressée d’une façon impossible à défaire",
        advice: "faites répondre le webhook, ou ce qui le précède, sans Content-Encoding")
    case .emptyJSON:
      MessageWords(
        "la réponse est vide alors qu’elle s’annonce comme du JSON : n8n répond ainsi quand un workflow a échoué ou n’a pas"
          + " atteint son nœud Respond",
        advice:
          "faites dire quelque chose à n8n : « Respond: Immediately » sans « No Response Body », ou un nœud « Respond"
          + " to Webhook » qui répond en JSON ; si le webhook n’est pas n8n, mettez « forward.acknowledge: any »")
    case .namesNone:
      MessageWords(
        "la réponse ne nomme aucun des événements",
        advice: "faites répondre le workflow pour les événements qu’il reçoit ; s’il manque de temps, augmentez"
          + " « forward.timeout » ou baissez « forward.batch.maxEvents »")
    case .beforeRun:
      MessageWords(
        "n8n répond avant que le workflow ait tourné : la réponse n’a pas de résultats",
        advice: "faites répondre le nœud Webhook par un nœud « Respond to Webhook », ou mettez « forward.acknowledge:"
          + " status »")
    case .tooLongAnswer:
      MessageWords(
        "la réponse dépasse {mebibytes} Mio : ses résultats ne peuvent pas être lus",
        advice:
          #"faites répondre le workflow par {"results":[…]} et rien d’autre, ou baissez « forward.batch.maxEvents »"#)
    case .emptyAnswer: MessageWords("la réponse est vide et n’a pas de résultats", advice: Self.wantedResults)
    case .noResults: MessageWords("la réponse n’a pas de résultats{begun| : « # »}", advice: Self.wantedResults)
    case .redirects:
      MessageWords(
        "le webhook redirige{target| vers #} ({status})", advice: "mettez sa nouvelle adresse dans « forward.url »")
    case .refusesCredentials:
      MessageWords(
        "le webhook refuse nos identifiants (401{said|, « # »})",
        advice: "comparez « forward.auth » avec l’authentification du nœud Webhook")
    case .refusesUs:
      MessageWords(
        "le webhook refuse nos identifiants, ou nous-mêmes (403{said|, « # »})",
        advice:
          "comparez « forward.auth » avec l’authentification du nœud Webhook ; vérifiez si son option « Ignore Bots »"
          + " est active, car elle refuse tout programme, et si un pare-feu protège n8n")
    case .wantsPayment:
      MessageWords(
        "le service du webhook demande à être payé (402{said|, « # »})", advice: "vérifiez l’abonnement et ses limites")
    case .noPOST:
      MessageWords(
        "le webhook n’accepte pas les requêtes POST (405)", advice: "réglez la méthode HTTP du nœud Webhook sur POST")
    case .gone:
      MessageWords(
        "le webhook a disparu pour de bon (410)", advice: "mettez sa nouvelle adresse dans « forward.url »")
    case .noJSON:
      MessageWords(
        "le webhook n’accepte pas le JSON, ou ne répond pas en JSON ({status}{said|, « # »})",
        advice: "vérifiez ce qui répond à cette adresse, et si « forward.compress » y est accepté")
    case .asksAgain: "le webhook demande un nouvel essai ({status})"
    case .wantsConnection:
      MessageWords(
        "le nœud Webhook attend la connexion d’un utilisateur (428{said|, « # »})",
        advice: "connectez l’utilisateur de ces identifiants dans n8n, ou choisissez une autre authentification")
    case .tooMany: "le webhook a reçu trop de requêtes (429)"
    case .refuses:
      MessageWords(
        "le webhook refuse la requête ({status}{said|, « # »})",
        advice: "voyez dans les exécutions de n8n ce que le workflow refuse, ou dans le journal de ce qui précède n8n")
    case .tooLarge:
      MessageWords(
        "la requête est trop volumineuse pour le webhook (413)",
        advice: "baissez « forward.batch.maxBytes », ou relevez la limite de n8n ou du proxy qui le précède")
    case .workflowFails: "le workflow échoue (500{said|, « # »})"
    case .fails: "le webhook échoue (500{said|, « # »})"
    case .unavailable: "le webhook n’est pas disponible ({status}{said|, « # »})"
    case .saysNothing:
      MessageWords(
        "le webhook répond {status}{said|, « # »}, ce qui ne dit rien des événements",
        advice: "vérifiez ce qui répond à cette adresse")
    case .refusesAll: "tout événement envoyé seul est refusé : {why}"
    case .later: "le workflow demande à le recevoir plus tard{said| : #}"
    case .rejected: "le workflow refuse l’événement{said| : #}"
    case .unnamed: "la réponse ne nomme pas l’événement"
    case .namedTwice: "la réponse nomme deux fois l’événement, avec des résultats différents"
    }
  }

  private static let wantedResults =
    #"faites répondre le workflow par {"results":[…]}, ou mettez « forward.acknowledge: status »"#
}
