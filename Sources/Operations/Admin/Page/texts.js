"use strict";
// The page's texts, by language: the first of the browser's that is here counts.
const allTexts = {
  en: {
    skip: "Skip to the content", loading: "Loading …", ready: "All is well", readyButFailed: "It flows, but some files have failed", notReadyShort: "Needs a person",
    notReady: "Something needs a person", unreachable: "eventdrop does not answer", asOf: "as of {0}",
    circuitOpen: "Forwarding pauses: the circuit is open", circuitSince: "Since {0}. Nothing is lost: events wait.",
    nextProbe: "It is tried again at {0}.", probing: "It is being tried right now.",
    flow: "What flows, and where it waits", inbox: "inbox", pending: "pending", forwarded: "forwarded", retry: "retry",
    failed: "failed", inboxNote: "dropped, not picked up yet", pendingNote: "stored, not yet at the webhook",
    pendingOldest: "the oldest since {0}", forwardedNote: "acknowledged by the webhook", retryNote: "comes back by itself",
    failedNote: "waits for a person", webhook: "Webhook", noWebhook: "none: events are stored and wait as pending",
    lastSuccess: "Last acknowledged", next: "Next", never: "never", rate: "Stored in the last full minute",
    failures: "What failed, and how to mend it", noFailures: "Nothing has failed.", triedAt: "is tried again at {0}",
    failedAt: "failed at {0}", copy: "Copy", copied: "Copied", allOf: "{0}: all {1}", alsoThese: "and likewise {0}",
    mendRetry: "Mend it, then let it be tried at once:", mendFailed: "Mend it, then let it be processed again:",
    rates: "How much, and how fast", hourRate: "Events a minute, the last hour",
    hourDelay: "Seconds from stored to acknowledged, the last hour", dayRate: "Events a day",
    dayDelay: "Seconds from stored to acknowledged, by day", keyForwarded: "acknowledged", keyPending: "still pending",
    keyMean: "mean", keyLongest: "longest", nothingYet: "nothing yet", plotRate: "{0} events in all, at most {1} at a time",
    plotDelay: "at most {0} seconds", barTip: "{0}: {1} events, {2} acknowledged",
    find: "Find an event", byId: "eventId, exactly", byType: "eventType", byStatus: "where it is", anywhere: "anywhere",
    since: "from day", until: "to day", search: "Search", time: "Time", status: "Status", where: "Where", more: "More",
    found: "found: {0}", foundMore: "{0} shown, there are more", notFound: "Nothing is known of an event “{0}”.",
    noneFound: "No such events.", wayDropped: "first recorded, from the inbox “{0}”", wayWritten: "recorded as it is now",
    wayForwarded: "acknowledged by the webhook (HTTP {0}, batch {1})", wayFailedFirst: "failed for the first time",
    wayAttempt: "not forwarded ({0}, batch {1}): {2}", wayAnswer: "; the answer: {0}", noAnswer: "no answer",
    wayFailed: "failed (attempt {0}, {1}): {2}", wayNext: "is tried again", wayWaits: "waits for the webhook",
    wayPruned: "its record was pruned; its identity is kept", record: "The record", again: "To forward it again:",
    partitions: "Partitions", partitionSum: "days: {0}, records: {1}, {2}", kept: "kept until {0}", keptForever: "kept forever",
    dayTip: "{0}: {1} records, {2}, {3}", dayPending: "{0} pending", about: "eventdrop {0}, running since {1}",
    unauthorized: "The token is wrong; reload the page.",
  },
  fr: {
    skip: "Aller au contenu", loading: "Chargement …", ready: "Tout va bien", readyButFailed: "Tout circule, sauf des fichiers en échec", notReadyShort: "Intervention requise",
    notReady: "Une intervention est nécessaire", unreachable: "eventdrop ne répond pas", asOf: "état à {0}",
    circuitOpen: "L’envoi est suspendu\u00a0: le circuit est ouvert",
    circuitSince: "Depuis {0}. Rien n’est perdu\u00a0: les événements attendent.",
    nextProbe: "Prochain essai à {0}.", probing: "Un essai est en cours.",
    flow: "Ce qui passe, et où cela attend", inbox: "dépôt", pending: "en attente", forwarded: "transmis",
    retry: "à réessayer", failed: "en échec", inboxNote: "déposé, pas encore pris", pendingNote: "stocké, pas encore transmis",
    pendingOldest: "le plus ancien depuis {0}", forwardedNote: "confirmé par le webhook", retryNote: "revient de lui-même",
    failedNote: "attend une personne", webhook: "Webhook", noWebhook: "aucun\u00a0: les événements sont stockés et attendent",
    lastSuccess: "Dernière confirmation", next: "Ensuite", never: "jamais", rate: "Stockés dans la dernière minute entière",
    failures: "Ce qui a échoué, et comment y remédier", noFailures: "Rien n’a échoué.", triedAt: "nouvel essai à {0}",
    failedAt: "échec à {0}", copy: "Copier", copied: "Copié", allOf: "{0}\u00a0: les {1}", alsoThese: "et de même {0}",
    mendRetry: "Corrigez-le, puis faites-le réessayer aussitôt\u00a0:", mendFailed: "Corrigez-le, puis faites-le traiter à nouveau\u00a0:",
    rates: "Combien, et à quelle vitesse", hourRate: "Événements par minute, dernière heure",
    hourDelay: "Secondes entre stockage et confirmation, dernière heure", dayRate: "Événements par jour",
    dayDelay: "Secondes entre stockage et confirmation, par jour", keyForwarded: "confirmés", keyPending: "encore en attente",
    keyMean: "moyenne", keyLongest: "maximum", nothingYet: "rien encore",
    plotRate: "{0} événements en tout, au plus {1} à la fois", plotDelay: "au plus {0} secondes",
    barTip: "{0}\u00a0: {1} événements, {2} confirmés",
    find: "Trouver un événement", byId: "eventId exact", byType: "eventType", byStatus: "où il se trouve", anywhere: "partout",
    since: "du", until: "au", search: "Chercher", time: "Heure", status: "État", where: "Où", more: "Suite",
    found: "trouvés\u00a0: {0}", foundMore: "{0} affichés, il y en a d’autres", notFound: "On ne sait rien d’un événement «\u00a0{0}\u00a0».",
    noneFound: "Aucun événement de ce genre.", wayDropped: "enregistré d’abord, depuis le dépôt «\u00a0{0}\u00a0»",
    wayWritten: "enregistré tel quel", wayForwarded: "confirmé par le webhook (HTTP {0}, lot {1})",
    wayAttempt: "pas transmis ({0}, lot {1})\u00a0: {2}", wayAnswer: "\u00a0; la réponse\u00a0: {0}", noAnswer: "sans réponse",
    wayFailedFirst: "premier échec", wayFailed: "échec (essai {0}, {1})\u00a0: {2}", wayNext: "nouvel essai",
    wayWaits: "attend le webhook", wayPruned: "son enregistrement a été effacé\u00a0; son identité est gardée",
    record: "L’enregistrement", again: "Pour le transmettre à nouveau\u00a0:", partitions: "Partitions",
    partitionSum: "jours\u00a0: {0}, enregistrements\u00a0: {1}, {2}", kept: "gardé jusqu’au {0}", keptForever: "gardé pour toujours",
    dayTip: "{0}\u00a0: {1} enregistrements, {2}, {3}", dayPending: "{0} en attente", about: "eventdrop {0}, en marche depuis {1}",
    unauthorized: "Le jeton est faux\u00a0; rechargez la page.",
  },
};
const language = (navigator.languages || ["en"]).map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in allTexts) || "en";
const locale = (navigator.languages || []).find((tag) => tag.slice(0, 2).toLowerCase() === language) || language;

/** A text in the reader's language; {0}, {1} … are replaced. */
function text(key, ...values) {
  return allTexts[language][key].replace(/\{(\d)\}/g, (_, index) => values[index]);
}

document.documentElement.lang = language;
for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
