//! Proofs from a few hashes inside the tree, however large it is (after C2SP tlog-tiles).
//!
//! The hashes of a tree stand on levels: on level 0 the leaves, on each level above the roots of 256 hashes below. What
//! stands together, 256 hashes from a multiple of 256 on, is a tile. A root, a proof or the right edge of a tree is made
//! from some tiles of each level: first [`Wanted`] tells which, then it makes what is wanted from what was read.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::ops::Range;

use super::merkle::{Hash, node_hash, root};

/// How many levels of the tree a tile spans.
const HEIGHT: u32 = 8;

/// How many hashes a whole tile has.
pub const WIDTH: u64 = 1 << HEIGHT;

/// A tile of a tree of some size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// The level of its hashes: 0 for leaves.
    pub level: u32,
    /// Its number on that level, from 0.
    pub number: u64,
}

impl Tile {
    /// The numbers of its hashes on its level, in a tree of `size` leaves: fewer than 256 at the right edge.
    pub fn hashes(self, size: u64) -> Range<u64> {
        let first = self.number.saturating_mul(WIDTH);
        first..hashes_on(self.level, size).min(first.saturating_add(WIDTH)).max(first)
    }
}

/// How many hashes there are on a level, in a tree of `size` leaves.
pub fn hashes_on(level: u32, size: u64) -> u64 {
    size.checked_shr(level.saturating_mul(HEIGHT)).unwrap_or(0)
}

/// Tiles that were read.
#[derive(Debug, Clone, Default)]
pub struct Tiles(BTreeMap<Tile, Vec<Hash>>);

impl Tiles {
    /// Adds the hashes of a tile, as far as there are any, from its first on.
    pub fn insert(&mut self, tile: Tile, hashes: Vec<Hash>) {
        self.0.insert(tile, hashes);
    }
}

/// Hashes that are wanted: each is the root of a run of leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted(Vec<Range<u64>>);

impl Wanted {
    /// The root of a tree of `size` leaves.
    pub fn root(size: u64) -> Self {
        Self(iter::once(0..size).collect())
    }

    /// The leaf at `index`.
    pub fn leaf(index: u64) -> Self {
        Self(iter::once(index..index.saturating_add(1)).collect())
    }

    /// The proof that the leaf at `index` is in a tree of `size` leaves, as
    /// [`inclusion_proof`](super::merkle::inclusion_proof) makes it of all leaves; `None` if there is no such leaf.
    pub fn inclusion(index: u64, size: u64) -> Option<Self> {
        if index >= size {
            return None;
        }
        let mut beside = Vec::new();
        let mut subtree = 0..size;
        while subtree.end - subtree.start > 1 {
            let (left, right) = halves(&subtree);
            let (own, sibling) = if index < left.end { (left, right) } else { (right, left) };
            beside.push(sibling);
            subtree = own;
        }
        beside.reverse();
        Some(Self(beside))
    }

    /// The proof that the tree of the first `old_size` leaves is a beginning of that of `size`, as
    /// [`consistency_proof`](super::merkle::consistency_proof) makes it of all leaves; `None` if there are fewer.
    pub fn consistency(old_size: u64, size: u64) -> Option<Self> {
        if old_size > size {
            return None;
        }
        let mut beside = Vec::new();
        if old_size == 0 {
            return Some(Self(beside));
        }
        let mut subtree = 0..size;
        while old_size < subtree.end {
            let (left, right) = halves(&subtree);
            let (own, sibling) = if old_size <= left.end { (left, right) } else { (right, left) };
            beside.push(sibling);
            subtree = own;
        }
        if subtree.start > 0 {
            beside.push(subtree);
        }
        beside.reverse();
        Some(Self(beside))
    }

    /// The tiles that it takes.
    pub fn tiles(&self) -> BTreeSet<Tile> {
        self.0.iter().flat_map(subtrees).map(Subtree::tile).collect()
    }

    /// What is wanted, one hash for each run; `None` when a tile is missing or has too few hashes.
    pub fn from(&self, tiles: &Tiles) -> Option<Vec<Hash>> {
        self.0.iter().map(|run| root_of(run, tiles)).collect()
    }
}

/// A complete subtree: the leaves from `index` times two to the power `height` on, as many as that power.
#[derive(Debug, Clone, Copy)]
struct Subtree {
    height: u32,
    index: u64,
}

impl Subtree {
    /// The numbers of the hashes that it is made of, on the level of its tile.
    fn hashes(self) -> Range<u64> {
        let inside = self.height % HEIGHT;
        self.index << inside..(self.index + 1) << inside
    }

    fn tile(self) -> Tile {
        Tile { level: self.height / HEIGHT, number: self.hashes().start / WIDTH }
    }

    fn root(self, tiles: &Tiles) -> Option<Hash> {
        let (tile, hashes) = (self.tile(), self.hashes());
        let first = tile.number * WIDTH;
        let [start, end] = [hashes.start - first, hashes.end - first].map(usize::try_from);
        Some(root(tiles.0.get(&tile)?.get(start.ok()?..end.ok()?)?))
    }
}

/// The complete subtrees that a run of leaves consists of, the largest first. It begins where a subtree of its length
/// can.
fn subtrees(run: &Range<u64>) -> impl Iterator<Item = Subtree> + use<> {
    let mut rest = run.clone();
    iter::from_fn(move || {
        let height = (rest.end - rest.start).checked_ilog2()?;
        let subtree = Subtree { height, index: rest.start >> height };
        rest.start += 1 << height;
        Some(subtree)
    })
}

fn root_of(run: &Range<u64>, tiles: &Tiles) -> Option<Hash> {
    let roots = subtrees(run).map(|subtree| subtree.root(tiles)).collect::<Option<Vec<_>>>()?;
    let joined = roots.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
    Some(joined.unwrap_or_else(|| root(&[])))
}

/// Splits a run of two or more leaves where RFC 6962 does.
fn halves(run: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let middle = run.start + (1 << (run.end - run.start - 1).ilog2());
    (run.start..middle, middle..run.end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audit::merkle::{consistency_proof, inclusion_proof, leaf_hash};

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    /// The hashes of a level, from whole tiles of the level below.
    fn level_above(hashes: &[Hash]) -> Vec<Hash> {
        hashes.as_chunks::<{ WIDTH as usize }>().0.iter().map(|tile| root(tile)).collect()
    }

    /// What would be stored of a tree, read tile by tile.
    fn read(levels: &[Vec<Hash>], wanted: &Wanted, size: usize) -> Tiles {
        let mut tiles = Tiles::default();
        for tile in wanted.tiles() {
            let range = tile.hashes(size as u64);
            let level = &levels[tile.level as usize];
            tiles.insert(tile, level[range.start as usize..range.end as usize].to_vec());
        }
        tiles
    }

    fn levels(leaves: &[Hash]) -> Vec<Vec<Hash>> {
        let first = level_above(leaves);
        let second = level_above(&first);
        vec![leaves.to_vec(), first, second]
    }

    /// Sizes around the ends of tiles, and any other.
    fn sizes() -> impl Strategy<Value = usize> {
        prop_oneof![1_usize..1200, 65_500_usize..65_800, 131_000_usize..131_400]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn c090_proofs_from_tiles_are_those_from_all_leaves(
            (size, index, old_size) in sizes().prop_flat_map(|size| (Just(size), 0..size, 0..=size)),
        ) {
            let leaves = leaves(size);
            let levels = levels(&leaves);
            let made = |wanted: Wanted| {
                let tiles = read(&levels, &wanted, size);
                // A dozen tiles, whatever the size.
                prop_assert!(wanted.tiles().len() <= 12, "{:?}", wanted.tiles());
                Ok(wanted.from(&tiles))
            };
            let [of_root] = made(Wanted::root(size as u64))?.unwrap().try_into().unwrap();
            prop_assert_eq!(of_root, root(&leaves));
            let inclusion = made(Wanted::inclusion(index as u64, size as u64).unwrap())?;
            prop_assert_eq!(inclusion, inclusion_proof(&leaves, index));
            let consistency = made(Wanted::consistency(old_size as u64, size as u64).unwrap())?;
            prop_assert_eq!(consistency, consistency_proof(&leaves, old_size));
        }
    }

    #[test]
    fn what_is_beyond_the_tree_is_not_proved() {
        assert_eq!(Wanted::inclusion(5, 5), None);
        assert_eq!(Wanted::consistency(6, 5), None);
        assert_eq!(Wanted::root(0).from(&Tiles::default()), Some(vec![root(&[])]));
        assert_eq!(Wanted::root(3).from(&Tiles::default()), None, "a tile is missing");
        let mut short = Tiles::default();
        short.insert(Tile { level: 0, number: 0 }, leaves(2));
        assert_eq!(Wanted::root(3).from(&short), None, "a hash is missing");
    }

    #[test]
    fn ten_million_entries_take_a_few_tiles() {
        let size = 10_000_000;
        for wanted in [
            Wanted::root(size),
            Wanted::inclusion(4_321_987, size).unwrap(),
            Wanted::consistency(6_543_210, size).unwrap(),
        ] {
            let hashes: u64 = wanted.tiles().iter().map(|tile| tile.hashes(size).count() as u64).sum();
            assert!(wanted.tiles().len() <= 8 && hashes <= 2048, "{:?}", wanted.tiles());
        }
    }
}
