"""What this room's values are called on the screen."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from vigie.intake.rules.status import Step
from vigie.intake.rules.values import About, Door, OpeningPurpose, ReferralBody, ReporterRole

ABOUT_LABELS = {
    About.ANTISEMITISM: _("Haine contre les personnes juives (antisémitisme)"),
    About.RACISM: _("Racisme, xénophobie"),
    About.ANTI_MUSLIM: _("Haine contre les personnes musulmanes"),
    About.RELIGION: _("Haine contre une autre religion"),
    About.LGBT: _("Haine contre les personnes LGBT+"),
    About.SEXISM: _("Sexisme, haine contre les femmes"),
    About.DISABILITY: _("Haine contre les personnes handicapées"),
    About.THREAT: _("Menaces"),
    About.HARASSMENT: _("Harcèlement"),
    About.TERRORISM: _("Apologie du terrorisme"),
    About.CHILD_ABUSE: _("Contenu sexuel impliquant un enfant (pédocriminel)"),
    About.OTHER: _("Autre chose"),
}
ROLE_LABELS = {
    ReporterRole.VICTIM: _("Je suis la personne visée"),
    ReporterRole.WITNESS: _("Je l’ai vu"),
    ReporterRole.SENT: _("Quelqu’un me l’a envoyé ou demandé"),
}
ROLES_AT_DESK = {
    ReporterRole.VICTIM: _("victime"),
    ReporterRole.WITNESS: _("témoin"),
    ReporterRole.SENT: _("pour quelqu’un d’autre"),
    ReporterRole.UNKNOWN: _("rôle non dit"),
}
DOOR_LABELS = {
    Door.FORM: _("formulaire"),
    Door.MAIL: _("courriel"),
    Door.API: _("partenaire (API)"),
    Door.IMPORT: _("fichier importé"),
    Door.DESK: _("bureau"),
    Door.WATCH: _("veille"),
}
PURPOSE_LABELS = {
    OpeningPurpose.ANSWER: _("lui répondre autrement que par la conversation"),
    OpeningPurpose.PROTECTION: _("sa protection : elle semble en danger"),
    OpeningPurpose.COMPLAINT: _("l’accompagner dans une plainte"),
    OpeningPurpose.JUDICIAL_REQUEST: _("réquisition de la justice ou de la police"),
    OpeningPurpose.ACCESS_RIGHT: _("elle demande ses données ou leur effacement"),
}
BODY_LABELS = {
    ReferralBody.PHAROS: "PHAROS",
    ReferralBody.POINT_DE_CONTACT: "Point de Contact",
}
STEP_LABELS = {
    Step.RECEIVED: pgettext_lazy("report", "Reçu. Quelqu’un va l’examiner."),
    Step.EXAMINED: _("En cours d’examen par notre équipe."),
    Step.QUALIFIED: _("Nous pensons que ce contenu est contraire à la loi. Sa notification se prépare."),
    Step.NOTIFIED: _("Notifié à la plateforme. Nous attendons sa décision."),
    Step.REMOVED: _("Retiré par la plateforme."),
    Step.DELETED: _("Supprimé par son auteur."),
    Step.SUSPENDED: _("Le compte qui l’avait publié est suspendu."),
    Step.RESTRICTED: _("Rendu moins visible, ou invisible ici, par la plateforme."),
    Step.REFUSED: _("La plateforme a refusé de le retirer. Nous regardons quelle suite donner."),
    Step.DECLINED: _("Non retenu. La réponse est dans la conversation."),
    Step.CLOSED: _("Dossier clos."),
    Step.TO_BE_REFERRED: _("L’adresse sera transmise aux autorités. Rien n’a été ouvert ni copié."),
    Step.REFERRED: _("L’adresse a été transmise aux autorités, puis effacée ici."),
}
