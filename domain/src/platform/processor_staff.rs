//! The processor's own staff, who sign a confidentiality statement before they are let in (C045).

use jiff::civil::Date;

use crate::values::refusal::Refusal;

/// That a confidentiality statement was signed on this day, when it is `today` in Amsterdam.
///
/// # Errors
/// `in-the-future`.
pub fn check_signed_on(signed_on: Date, today: Date) -> Result<(), Refusal> {
    if signed_on > today {
        return Err(Refusal::new("in-the-future", "must not be after today"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn c045_nothing_is_signed_tomorrow() {
        let today = date(2026, 11, 21);
        assert_eq!(check_signed_on(today, today), Ok(()));
        assert_eq!(check_signed_on(date(2026, 11, 22), today).unwrap_err().code, "in-the-future");
    }
}
