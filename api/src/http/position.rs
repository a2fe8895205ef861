//! What a list is ordered by, and where in it a page ends.

/// What a list is ordered by, as it stands in a cursor.
pub trait Position: Sized {
    /// The position as 1 to 64 bytes.
    fn to_bytes(&self) -> Vec<u8>;

    /// The position with these bytes; `None` when no position has them.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

macro_rules! numbers {
    ($($type:ty)*) => {$(
        impl Position for $type {
            fn to_bytes(&self) -> Vec<u8> {
                self.to_be_bytes().to_vec()
            }

            fn from_bytes(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_be_bytes)
            }
        }
    )*};
}

numbers! { i32 u8 u32 u64 }
