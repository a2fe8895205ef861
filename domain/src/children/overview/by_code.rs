//! Values by code, in the order of the framework.

/// A value for each code of the framework in use, followed by those for codes it no longer has.
pub(super) struct ByCode<'a, T>(Vec<(&'a str, T)>);

impl<'a, T: Default> ByCode<'a, T> {
    pub(super) fn new(codes: impl Iterator<Item = &'a str>) -> Self {
        Self(codes.map(|code| (code, T::default())).collect())
    }

    /// Changes the value of `code`. It is first looked for at `likely`, its number in the framework it was
    /// found in: versions of a framework mostly agree on that, and one comparison is all a cell costs then.
    pub(super) fn update(&mut self, code: &'a str, likely: Option<usize>, change: impl FnOnce(&mut T)) {
        let is_here = |number: &usize| self.0.get(*number).is_some_and(|(here, _)| *here == code);
        let number = likely.filter(is_here).or_else(|| self.0.iter().position(|(here, _)| *here == code));
        match number.and_then(|number| self.0.get_mut(number)) {
            Some((_, value)) => change(value),
            None => {
                let mut value = T::default();
                change(&mut value);
                self.0.push((code, value));
            }
        }
    }

    /// Each code with its value.
    pub(super) fn into_iter(self) -> impl Iterator<Item = (&'a str, T)> {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_keeps_its_place_wherever_it_is_looked_for() {
        let mut values = ByCode::<u8>::new(["a", "b"].into_iter());
        for likely in [None, Some(0), Some(1), Some(7)] {
            values.update("b", likely, |value| *value += 1);
            values.update("old", likely, |value| *value += 2);
        }
        assert_eq!(values.into_iter().collect::<Vec<_>>(), [("a", 0), ("b", 4), ("old", 8)]);
    }
}
