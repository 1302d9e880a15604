extension DropMessage {
  package var french: MessageWords {
    switch self {
    case .invalidJSON: "JSON non valide, ligne {line}, colonne {column} : {why}"
    case .invalidArray:
      "JSON non valide, ligne {line}, colonne {column} : {why}. Les événements qui précèdent sont stockés"
    case .invalidArrayInTrial:
      "JSON non valide, ligne {line}, colonne {column} : {why}. Les événements qui précèdent seraient stockés"
    case .tooDeep: "l’événement compte plus de {limit} niveaux d’imbrication, ligne {line}, colonne {column}"
    case .elementMissing: "il manque un élément"
    case .documentMissing: "il manque un document"
    case .elementComma: "il manque une virgule entre deux éléments"
    case .afterArray: "il y a quelque chose après la fin du tableau"
    case .endInArray: "le fichier s’arrête au milieu d’un tableau"
    case .endInDocument: "le fichier s’arrête au milieu d’un document"
    case .object: "un objet"
    case .array: "un tableau"
    case .string: "une chaîne"
    case .number: "un nombre"
    case .boolean: "un booléen"
    case .null: "null"
    case .notEvents: "le fichier contient {kind}, et non un événement (un objet JSON) ou un tableau d’événements"
    case .notAnObject: "l’événement {index} de {file} est {kind}, et non un objet JSON"
    case .tooLarge: "l’événement fait {bytes} octets, plus que ne le permet maxEventSize ({limit})"
    case .tooLargeToRead:
      "l’événement {index} fait {bytes} octets, plus que ne le permet maxEventSize ({limit})"
    case .duplicateMember:
      MessageWords(
        "le membre qui donne {member} figure deux fois dans l’événement, la seconde à la ligne {line}, colonne {column} :"
          + " impossible de savoir lequel compte")
    case .missingEventId:
      "l’événement n’a pas d’eventId : il n’y a rien à {places}. Indiquez dans « eventId », pour ce dépôt, où il se trouve"
    case .invalidEventId:
      "l’eventId n’est ni un entier ni une chaîne de 1 à 512 octets sans caractères de contrôle"
    case .missingEventType:
      MessageWords(
        "l’événement n’a pas d’eventType : il n’y a rien à {places}. Indiquez dans « eventType », pour ce dépôt, où il se"
          + " trouve, ou réglez eventTypeDefault")
    case .invalidEventType: "l’eventType n’est pas une chaîne de 1 à 256 octets"
    case .conflict:
      MessageWords(
        "l’eventId « {eventId} » appartient à un autre événement : {record} a d’autres données. L’enregistrement est"
          + " conservé. Pour voir les différences : {diff}. Si ce fichier-ci est le bon, mettez-le à la place de"
          + " l’enregistrement : {replace}")
    case .conflictOfTypes:
      MessageWords(
        "l’eventId « {eventId} » appartient à un autre événement : {record} a pour eventType « {eventType} »."
          + " L’enregistrement est conservé. Pour voir les différences : {diff}. Si ce fichier-ci est le bon, mettez-le à la"
          + " place de l’enregistrement : {replace}")
    case .conflictWithPruned:
      MessageWords(
        "un événement de même eventId a déjà été stocké avec d’autres données, et son enregistrement a été purgé depuis. Si"
          + " celui-ci est le bon, donnez-lui un eventId propre")
    case .conflictWithNode:
      MessageWords(
        "l’eventId « {eventId} » appartient à un autre événement, dont la machine « {node} » a l’enregistrement. Il y est"
          + " conservé. Si ce fichier-ci est le bon, écartez cet enregistrement sur « {node} » et déposez-y ce fichier ;"
          + " sinon, écartez celui-ci")
    case .conflictOfInboxes:
      MessageWords(
        "l’eventId « {eventId} » appartient à un événement du dépôt « {inbox} », qui a échoué et se trouve dans {file}. Si"
          + " ce fichier-ci est le bon, écartez l’autre et remettez celui-ci dans le dépôt ; si chaque dépôt a sa propre"
          + " numérotation, réglez eventIdPrefix")
    case .superseded:
      MessageWords(
        "ce fichier attendait ici quand l’événement a été redéposé avec d’autres données, qui ont été stockées. Pour voir"
          + " les différences : {diff}. Si ce fichier-ci est le bon, mettez-le à la place de l’enregistrement : {replace} ;"
          + " sinon, écartez-le : {discard}")
    case .supersededPerhaps:
      MessageWords(
        "ce fichier attendait ici quand l’événement a été redéposé, peut-être avec d’autres données, et stocké. Pour voir"
          + " les différences : {diff}. Si ce fichier-ci est le bon, mettez-le à la place de l’enregistrement : {replace} ;"
          + " sinon, écartez-le : {discard}")
    case .damagedAndReplaced:
      MessageWords(
        "l’enregistrement est endommagé : ce n’est plus ce qui avait été écrit. L’événement a été redéposé et a un nouvel"
          + " enregistrement")
    case .unreadableAndReplaced:
      MessageWords(
        "ce qui se trouve à la place de l’enregistrement ne peut pas être lu comme tel ({why}). L’événement a été redéposé"
          + " et a un nouvel enregistrement")
    case .inTheWay:
      MessageWords(
        "quelque chose occupe la place de l’enregistrement de l’événement et ne peut être ni lu ni déplacé ({why}). Déplacez"
          + " {path} ailleurs ; ce fichier sera alors stocké au prochain essai")
    case .damaged:
      MessageWords(
        "l’enregistrement est endommagé : ce n’est plus ce qui avait été écrit, et il ne peut pas être transmis. Redéposez"
          + " l’événement, ou réparez ce fichier et remettez-le dans un dépôt")
    case .wouldBeDuplicate:
      "il a déjà été traité{time| (#)}, avec les mêmes eventType et données ; il serait supprimé"
    case .wouldBeConflict:
      "il a déjà été traité{time| (#)}, avec un autre eventType ou d’autres données ; il irait dans failed/"
    case .wouldBeKnown:
      "il a déjà été traité, et son enregistrement est purgé ; avec les mêmes données c’est un doublon, sinon un conflit"
    case .severalTogether:
      MessageWords(
        "{count|# événement en échec est réuni|# événements en échec sont réunis} dans ce fichier, un par ligne, chacun pour"
          + " sa propre raison. Pour le premier : {first}")
    case .severalLeft:
      MessageWords(
        "{count|# événement de ce fichier a échoué et y reste|# événements de ce fichier ont échoué et y restent}, car"
          + " ils sont trop volumineux pour devenir des fichiers séparés. Les autres sont stockés ou se trouvent à côté. Pour"
          + " le premier : {first}")
    }
  }
}
