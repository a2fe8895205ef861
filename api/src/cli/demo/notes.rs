//! What a teacher might note, and about which line of development.

/// A note and the line that it bears on.
pub(super) const NOTES: [(&str, &str); 24] = [
    ("Bouwt samen met een ander kind een garage en overlegt over de ingang.", "play"),
    ("Vertelt in de kring uit zichzelf over het weekend, in drie zinnen achter elkaar.", "spoken-language"),
    ("Loopt de trap op met een voet per tree, zonder de leuning.", "gross-motor-skills"),
    ("Knipt langs een gebogen lijn en houdt het papier met de andere hand vast.", "fine-motor-skills"),
    ("Vraagt hulp wanneer de rits niet lukt en probeert het daarna zelf nog eens.", "self-image"),
    ("Troost een kind dat gevallen is en haalt de juf erbij.", "relation-with-children"),
    ("Telt de bekers op tafel en zegt dat er nog twee bij moeten.", "emergent-numeracy"),
    ("Herkent de eerste letter van de eigen naam op het takenbord.", "emergent-literacy"),
    ("Werkt twintig minuten aan dezelfde puzzel en maakt hem af.", "task-attitude"),
    ("Tekent een mens met armen en benen aan een romp.", "drawing"),
    ("Weet dat na het buitenspelen het fruit komt.", "time-awareness"),
    ("Legt de beer op verzoek achter, naast en onder de stoel.", "spatial-awareness"),
    ("Zoekt bij het afscheid nog even de hand van de leidster en speelt dan verder.", "relation-with-adults"),
    ("Hoort welk dierengeluid er ontbreekt in het rijtje.", "auditory-perception"),
    ("Ziet de twee verschillen tussen de platen en wijst ze aan.", "visual-perception"),
    ("Noemt knie, elleboog en enkel bij het aankleden van de pop.", "body-awareness"),
    ("Speelt een rol in de huishoek en houdt die vol als anderen meedoen.", "play"),
    ("Luistert naar het hele prentenboek en voorspelt wat er gaat gebeuren.", "spoken-language"),
    ("Vangt een grote bal met twee handen van drie stappen afstand.", "gross-motor-skills"),
    ("Rijgt een ketting volgens een patroon van rood en blauw.", "fine-motor-skills"),
    ("Zegt trots wat vandaag gelukt is.", "self-image"),
    ("Laat een ander kind voorgaan op de glijbaan.", "relation-with-children"),
    ("Verdeelt de appelparten eerlijk over vier bordjes.", "emergent-numeracy"),
    ("Ruimt zonder vragen de eigen werkplek op voordat het volgende begint.", "task-attitude"),
];
