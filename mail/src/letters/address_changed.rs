//! The letters that tell that somebody logs in with another address from now on (C055).
use groeilijn_domain::values::email::EmailAddress;
use uuid::Uuid;

use crate::letter::Letter;

impl Letter {
    /// To the address from before: that another one took its place.
    pub fn address_changed(id: Uuid, to: EmailAddress, name: &str) -> Self {
        let paragraphs = [
            "U logt bij Groeilijn niet meer in met dit e-mailadres: een ander adres van uw instelling is ervoor in de plaats \
             gekomen. Brieven over uw account gaan voortaan daarheen."
                .to_owned(),
            "Wist u dit niet? Vertel het dan meteen aan de beheerder van uw instelling.".to_owned(),
        ];
        Self::write(id, to, "Uw e-mailadres bij Groeilijn is gewijzigd", name, &paragraphs)
    }

    /// To the new address: that the institution moved its users to another domain.
    pub fn address_moved(id: Uuid, to: EmailAddress, name: &str) -> Self {
        let paragraphs = [
            "De beheerder van uw instelling heeft de accounts bij Groeilijn naar een ander e-maildomein verhuisd. U logt \
             voortaan in met het adres waarop u deze e-mail krijgt. Uw wachtwoord blijft hetzelfde."
                .to_owned(),
            "Klopt dit niet? Vertel het dan aan de beheerder.".to_owned(),
        ];
        Self::write(id, to, "Uw account bij Groeilijn is verhuisd", name, &paragraphs)
    }

    /// That another address has to take the place of the present one.
    pub fn address_due(id: Uuid, to: EmailAddress, name: &str) -> Self {
        let paragraphs = [
            "Het e-mailadres waarmee u inlogt bij Groeilijn, hoort niet bij uw instelling, of niet meer. U kunt nog inloggen, \
             maar pas verder werken als u een adres van uw instelling hebt opgegeven."
                .to_owned(),
            "Vraag de beheerder van uw instelling welk adres dat is, of om een uitzondering.".to_owned(),
        ];
        Self::write(id, to, "Geef een ander e-mailadres op voor Groeilijn", name, &paragraphs)
    }
}
