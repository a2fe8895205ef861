// Uses the generated types as a web page would: it is type-checked, never run.
import type { components, operations } from "./groeilijn";

type Pupil = components["schemas"]["Pupil"];
type Problem = components["schemas"]["Problem"];
type NewPupil = operations["createPupil"]["requestBody"]["content"]["application/json"];
type PageOfPupils = operations["listPupils"]["responses"]["200"]["content"]["application/json"];

export const newPupil: NewPupil = {
  firstName: "Noor",
  infix: null,
  lastName: "Verzinsel",
  gender: "female",
  birthDate: "2022-03-14",
};

export function fullName(pupil: Pupil): string {
  return [pupil.firstName, pupil.infix, pupil.lastName].filter(Boolean).join(" ");
}

export function namesOn(page: PageOfPupils): string[] {
  return page.items.map((pupil) => pupil.lastName);
}

/** What is wrong, by the place in the body where it is. */
export function mistakes(problem: Problem): Map<string, string> {
  const errors = problem.errors ?? [];
  return new Map(errors.map((error) => [error.pointer ?? "", error.detail]));
}

// @ts-expect-error: there is no such field
export const unknownField: keyof NewPupil = "bsn";
// @ts-expect-error: nor such a value
export const unknownGender: NewPupil["gender"] = "girl";
