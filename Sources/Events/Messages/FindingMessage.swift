/// What is wrong in the tree or in its catalog (`eventdrop verify`).
package enum FindingMessage: String, MessageCode {
  case catalogUnusable = "catalog-unusable"
  case notAPartition = "finding-not-a-partition"
  case notARecord = "finding-not-a-record"
  case notAnIdentityFile = "finding-not-an-identity-file"
  case halfLine = "journal-half-line"
  case journalLine = "journal-not-a-line"
  case corrupt = "record-corrupt"
  case otherDay = "record-of-other-day"
  case identityLine = "identity-not-a-line"
  case unknownIdentities = "identities-unknown"
  case twoRecords = "two-records-of-one-id"
  case missing = "pending-record-missing"
  case forgotten = "pending-record-forgotten"
  case goneRecord = "catalog-knows-gone-record"
  case unknownRecord = "catalog-lacks-record"
  case otherwise = "catalog-has-otherwise"
  case pendingThere = "catalog-has-pending"
  case forwardedThere = "catalog-has-forwarded"
  case partitionMissing = "partition-missing"
  case partitionForgotten = "partition-forgotten"
  case partitionGone = "catalog-knows-gone-partition"
  case claimed = "claimed-and-left"
  case silent = "folder-silent"
  case notInFleet = "not-in-fleet"
  case onlyInFleet = "only-in-fleet"

  package var arguments: [String] {
    switch self {
    case .catalogUnusable, .corrupt: ["why"]
    case .otherDay: ["day", "partition"]
    case .twoRecords: ["partition"]
    case .missing, .forgotten, .goneRecord, .notInFleet, .onlyInFleet: ["eventId"]
    case .otherwise: ["what"]
    case .partitionMissing, .partitionForgotten: ["count"]
    case .claimed: ["what", "end"]
    case .silent: ["why", "advice"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .catalogUnusable:
      "the catalog cannot be used ({why}); 'eventdrop reindex', or the next start, builds it again"
    case .notAPartition: "only partitions, named as dates, belong here; it is left alone. Move it away"
    case .notARecord:
      "neither a record nor the journal; it is left alone. Move it away, or into an inbox if it is an event"
    case .notAnIdentityFile: "only identity files, YYYY-MM-DD.ids, belong here. Move it away"
    case .halfLine:
      "the last line is only half there; the next start cuts it off, and its batch is sent again"
    case .journalLine:
      MessageWords(
        "no acknowledgement; what it stood for counts as pending once the catalog is built again. Restore the line, or"
          + " remove it")
    case .corrupt: "no record: {why}. Move it away, or into an inbox once it is mended"
    case .otherDay:
      "its time is of the partition {day}, but it lies in {partition}; it counts where it lies. Move it there"
    case .identityLine: "no identity; if its event is dropped again, it is processed again"
    case .unknownIdentities: "the catalog does not know all of these identities"
    case .twoRecords:
      MessageWords(
        "the same eventId has a record in the partition {partition}, which counts. Compare the two, and move this one away"
      )
    case .missing:
      MessageWords(
        "the event '{eventId}' is pending and its record is not there. Move the record back, or drop the event again;"
          + " 'eventdrop verify --forget-missing' lets it go")
    case .notInFleet:
      MessageWords(
        "the fleet's database does not have the record of '{eventId}' as this machine's: another machine has one, or it has"
          + " forgotten it; in that case, the daemon puts it back when it starts")
    case .onlyInFleet:
      MessageWords(
        "the fleet's database has a record of '{eventId}' on this machine, which is not there: a drop of it on this machine is"
          + " processed, and is a duplicate on others")
    case .forgotten: "the event '{eventId}' was pending; it is let go"
    case .goneRecord: "the catalog knows a record that is not there; the next drop of '{eventId}' is processed"
    case .unknownRecord: "the catalog does not know this record; 'eventdrop verify --repair' adds it"
    case .otherwise: "the catalog has it otherwise ({what}); 'eventdrop verify --repair' mends that"
    case .pendingThere: "pending, where the journal says that it was acknowledged"
    case .forwardedThere: "forwarded, where the journal has no acknowledgement"
    case .partitionMissing:
      MessageWords(
        "the partition is not there, and {count} of its events are pending. Mount or move it back;"
          + " 'eventdrop verify --forget-missing' lets them go")
    case .partitionForgotten:
      "the partition is not there, and {count} of its events were pending; they are let go"
    case .partitionGone: "the catalog knows a partition that is not there"
    case .claimed: "{what}; {end}"
    case .silent: "not everything there was looked at: {why}; {advice}"
    }
  }

  package var french: MessageWords {
    switch self {
    case .catalogUnusable:
      "le catalogue est inutilisable ({why}) ; eventdrop reindex, ou le prochain démarrage, le reconstruit"
    case .notAPartition:
      "seules les partitions, nommées d’après leur date, ont leur place ici ; ignoré. Déplacez-le ailleurs"
    case .notARecord:
      "ni un enregistrement, ni le journal ; ignoré. Déplacez-le ailleurs, ou dans un dépôt si c’est un événement"
    case .notAnIdentityFile:
      "seuls les fichiers d’identités, AAAA-MM-JJ.ids, ont leur place ici. Déplacez-le ailleurs"
    case .halfLine:
      "la dernière ligne est incomplète ; le prochain démarrage la coupe, et son lot sera renvoyé"
    case .journalLine:
      MessageWords(
        "ce n’est pas un accusé de réception ; ce qu’il attestait sera de nouveau en attente quand le catalogue sera"
          + " reconstruit. Rétablissez la ligne, ou supprimez-la")
    case .corrupt:
      "ce n’est pas un enregistrement : {why}. Déplacez-le ailleurs, ou dans un dépôt une fois réparé"
    case .otherDay:
      MessageWords(
        "sa date est celle de la partition {day}, mais il est dans {partition} ; il compte là où il est. Déplacez-le dans"
          + " l’autre")
    case .identityLine:
      "ce n’est pas une identité ; un événement redéposé dont c’était la ligne serait traité de nouveau"
    case .unknownIdentities: "le catalogue ne connaît pas toutes ces identités"
    case .twoRecords:
      MessageWords(
        "le même eventId a un enregistrement dans la partition {partition}, qui fait foi. Comparez les deux, et déplacez"
          + " celui-ci ailleurs")
    case .missing:
      MessageWords(
        "l’événement « {eventId} » est en attente, et son enregistrement n’est pas là. Remettez-le en place, ou redéposez"
          + " l’événement ; eventdrop verify --forget-missing l’abandonne")
    case .notInFleet:
      MessageWords(
        "la base commune n’attribue pas l’enregistrement de « {eventId} » à cette machine : une autre en a un, ou elle l’a"
          + " oublié ; dans ce cas, le démon le remet à son démarrage")
    case .onlyInFleet:
      MessageWords(
        "la base commune attribue à cette machine un enregistrement de « {eventId} » qui n’y est pas : redéposé sur cette"
          + " machine, il est traité ; sur les autres, c’est un doublon")
    case .forgotten: "l’événement « {eventId} » était en attente ; il est abandonné"
    case .goneRecord:
      "le catalogue connaît un enregistrement qui n’est pas là ; « {eventId} », redéposé, sera traité"
    case .unknownRecord: "le catalogue ne connaît pas cet enregistrement ; eventdrop verify --repair l’ajoute"
    case .otherwise: "le catalogue dit autre chose ({what}) ; eventdrop verify --repair le corrige"
    case .pendingThere: "en attente, alors que le journal en a l’accusé de réception"
    case .forwardedThere: "transmis, alors que le journal n’en a pas l’accusé de réception"
    case .partitionMissing:
      MessageWords(
        "la partition n’est pas là, et {count} de ses événements sont en attente. Remontez-la ou remettez-la en place ;"
          + " eventdrop verify --forget-missing les abandonne")
    case .partitionForgotten:
      "la partition n’est pas là, et {count} de ses événements étaient en attente ; ils sont abandonnés"
    case .partitionGone: "le catalogue connaît une partition qui n’est pas là"
    case .claimed: "{what} ; {end}"
    case .silent: "tout n’y a pas été examiné : {why} ; {advice}"
    }
  }
}
