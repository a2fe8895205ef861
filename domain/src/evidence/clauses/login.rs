//! Logging in: C054–C069.

use crate::evidence::clause::Clause;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        54,
        "B1 B.b; B2 B",
        "An administrator has an e-mail address of the organisation; free mail such as hotmail is refused.",
    )
    .by_software("Accounts are on the institution's own mail domains, and free ones are never among them.")
    .met(),
    Clause::test(55, "B2 B", "Users have addresses of the organisation too, for which the administrator answers.")
        .by_software(
            "An address on another domain is refused; only institutions of one board share a domain.",
        )
        .met(),
    Clause::test(56, "B2 B", "A password has 8 up to and including 128 characters.")
        .by_software("Characters are counted, of any script; one fewer or one more is refused.")
        .met(),
    Clause::test(57, "B2 B", "A password has a capital letter and a digit.")
        .by_software("What lacks is told with every other rule that a password breaks.")
        .met(),
    Clause::test(58, "B2 B", "A password has one of 23 symbols; others may be used and do not count.")
        .by_software("Each of the 23 is tried, and symbols beside them.")
        .met(),
    Clause::test(59, "B2 B", "A password is changed every three calendar months; after that nothing else works.")
        .by_software("With an expired one only another can be chosen. Two letters remind of it before.")
        .met(),
    Clause::test(60, "B2 B", "The third wrong password in a row blocks the account; a right one resets the count.")
        .by_software("Guesses are counted before they are checked, over all processes.")
        .met(),
    Clause::test(61, "B2 B", "Thirty minutes without activity end a session.")
        .by_software("Each request looks when the last one was; renewing a token counts for nothing.")
        .met(),
    Clause::test(62, "B2 B", "The password is asked every time and remembered nowhere.")
        .by_software("Nothing in a login asks to be remembered, and twelve hours end every session.")
        .met(),
    Clause::test(
        63,
        "B1 B.b; B2 B",
        "Users choose their passwords themselves, nobody of the processor can see one, and only a strong hash \
         is kept.",
    )
    .by_software("A link leads to choosing one; kept is an Argon2id hash, bound to its account.")
    .met(),
    Clause::test(64, "B2 B", "Logging in goes over TLS and nothing else.")
        .by_software(
            "The server speaks TLS alone, or stands behind a named proxy that ends it; replies tell browsers \
             to use nothing else.",
        )
        .by_people("A proxy in front of the server refuses what is not TLS.")
        .met(),
    Clause::test(
        65,
        "B2 B",
        "An administrator may name the network addresses to work from; without any there is no limit.",
    )
    .by_software("Logging in and each request are held against the list.")
    .met(),
    Clause::test(66, "B2 B", "Access is given per part and per action: look, add, alter, take away, take along.")
        .by_software("Rights differ per user from those of the function, for what concerns children.")
        .met(),
    Clause::test(
        67,
        "VO 7.2c",
        "Giving, changing and ending access follow a procedure: who did it and why is kept, and the rights of \
         who leaves end.",
    )
    .by_software("Registers of rights that are only added to, a last day, and the end of sessions at once.")
    .met(),
    Clause::evidence(
        68,
        "B2 B",
        "What the customer takes upon itself, such as virus protection, a firewall and telling parents, is \
         agreed in the licence.",
    )
    .by_record("The licence terms name the duties, and who accepted which version when is kept.")
    .met(),
    Clause::test(69, "BO 4.2", "Everybody has a safe password of her own, and no login is shared.")
        .by_software("An address is one login of one person; the processor's staff need a second factor too.")
        .met(),
];
