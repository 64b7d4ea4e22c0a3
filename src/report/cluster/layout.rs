//! Where the boxes and arrows of a picture go: senders to the left of those that receive from them.
//!
//! Each group of servers that replication connects gets a band of its own, with a column for each step from the first
//! sender; servers without replication follow as a grid. An arrow that skips columns keeps a place free in each; one that
//! leads back runs in a lane below its band. Nothing is drawn here.

use std::collections::{BTreeMap, HashMap};

use super::Picture;
use crate::report::markup;

/// The width of a box.
pub(super) const BOX: f64 = 232.0;
/// The least height of a box.
const LOW: f64 = 66.0;
/// What each arrow takes at the side of a box: its line and its words.
const PORT: f64 = 34.0;
/// What arrows take between two columns to get from one height to another.
const BEND: f64 = 90.0;
/// The width of a character beside an arrow, and how many of them are shown of its words.
const LETTER: f64 = 6.65;
pub(super) const WORDS: usize = 28;
/// What stays free between two boxes of a column.
const ROW: f64 = 26.0;
/// The height of a place that is kept free for an arrow.
const FREE: f64 = 14.0;
/// What stays free around all.
pub(super) const MARGIN: f64 = 24.0;
/// Arrows that skip columns keep no more places free than this, all together.
const MOST_FREE: usize = 2_000;

/// A picture that is laid out.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) boxes: Vec<Place>,
    /// The way of each arrow, in the order of the picture's edges.
    pub(super) ways: Vec<Way>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A box: a server, or a sender that is not told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) what: What,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) height: f64,
    column: usize,
}

/// What a box stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum What {
    /// A server, by its index.
    Server(usize),
    /// What the edge of that index comes from, which is not told.
    Unknown(usize),
    /// Nothing: an arrow passes.
    #[default]
    Free,
}

/// The way of an arrow.
#[derive(Debug, Clone, Default)]
pub(super) struct Way {
    /// From left to right: where it begins, the places it passes, where it ends. Of one that leads back, where it
    /// begins and ends.
    pub(super) points: Vec<(f64, f64)>,
    /// The lane in which it leads back, and how far from the boxes it goes down and up.
    pub(super) lane: Option<(f64, f64)>,
}

/// Lays a picture out.
pub(super) fn layout(picture: &Picture) -> Layout {
    let mut making = Making::new(picture);
    making.columns();
    making.passes();
    making.rooms(picture);
    making.draw()
}

struct Making {
    /// The boxes, then the free places.
    places: Vec<Place>,
    /// The boxes that each arrow leads from and to, and whether it is surely in use.
    arrows: Vec<(usize, usize, bool)>,
    /// The free places of each arrow.
    passes: Vec<Vec<usize>>,
    /// The room before each column for the words of the arrows that end there.
    rooms: Vec<f64>,
}

impl Making {
    fn new(picture: &Picture) -> Self {
        let server = |index| Place { what: What::Server(index), ..Place::default() };
        let mut places = (0..picture.nodes.len()).map(server).collect::<Vec<_>>();
        let mut arrows = Vec::new();
        // What one server receives from one place that is not told comes from one box.
        let mut unknown = HashMap::new();
        for (index, edge) in picture.edges.iter().enumerate() {
            let from = edge.from.unwrap_or_else(|| {
                let new = places.len();
                let known = edge.target != "…";
                let place = if known { *unknown.entry((edge.to, edge.target.as_str())).or_insert(new) } else { new };
                if place == new {
                    places.push(Place { what: What::Unknown(index), ..Place::default() });
                }
                place
            });
            arrows.push((from, edge.to, edge.active));
        }
        let passes = vec![Vec::new(); arrows.len()];
        Self { places, arrows, passes, rooms: Vec::new() }
    }

    fn column(&self, place: usize) -> usize {
        self.places.get(place).map_or(0, |place| place.column)
    }

    /// Puts each box into the column after that of the last of its senders. In a ring the first box begins.
    fn columns(&mut self) {
        let mut waits = vec![0usize; self.places.len()];
        let mut leads = vec![Vec::new(); self.places.len()];
        for &(from, to, _) in self.arrows.iter().filter(|(from, to, active)| from != to && *active) {
            waits[to] += 1;
            leads[from].push(to);
        }
        let mut done = vec![false; self.places.len()];
        let mut ready = (0..self.places.len()).rev().filter(|&place| waits[place] == 0).collect::<Vec<_>>();
        let mut next = 0;
        while next < self.places.len() {
            let Some(place) = ready.pop() else {
                ready.extend((!done[next]).then_some(next));
                next += 1;
                continue;
            };
            if std::mem::replace(&mut done[place], true) {
                continue;
            }
            let column = self.column(place) + 1;
            for &to in &leads[place] {
                waits[to] = waits[to].saturating_sub(1);
                if !done[to] {
                    self.places[to].column = self.places[to].column.max(column);
                    ready.extend((waits[to] == 0).then_some(to));
                }
            }
        }
    }

    /// Keeps a place free in every column that an arrow skips.
    fn passes(&mut self) {
        let mut left = MOST_FREE;
        for index in 0..self.arrows.len() {
            let (from, to, _) = self.arrows[index];
            let between = self.column(from) + 1..self.column(to);
            if between.len() > left {
                continue;
            }
            left -= between.len();
            for column in between {
                self.passes[index].push(self.places.len());
                self.places.push(Place { column, height: FREE, ..Place::default() });
            }
        }
    }

    /// Makes room before each column for the longest words.
    fn rooms(&mut self, picture: &Picture) {
        let most = self.places.iter().map(|place| place.column + 1).max().unwrap_or(1);
        let mut rooms = vec![0.0_f64; most];
        for arrow in (0..self.arrows.len()).filter(|&arrow| !self.goes_back(arrow)) {
            let words = picture.edges.get(arrow).map(super::Arrow::words).unwrap_or_default();
            let longest = words.iter().map(|line| markup::width(line).min(WORDS)).max().unwrap_or_default();
            let column = self.column(self.arrows[arrow].1);
            rooms[column] = rooms[column].max(LETTER * longest as f64 + 20.0);
        }
        self.rooms = rooms;
    }

    /// The places that arrows connect, each band in its order, those that nothing connects last, in one.
    fn bands(&self) -> (Vec<Vec<usize>>, Vec<usize>) {
        let mut of = (0..self.places.len()).collect::<Vec<_>>();
        fn root(of: &mut [usize], mut place: usize) -> usize {
            while of[place] != place {
                of[place] = of[of[place]];
                place = of[place];
            }
            place
        }
        let mut linked = vec![false; self.places.len()];
        for (&(from, to, _), passes) in self.arrows.iter().zip(&self.passes) {
            for place in passes.iter().copied().chain([from, to]) {
                let (one, other) = (root(&mut of, from), root(&mut of, place));
                of[one.max(other)] = one.min(other);
                linked[place] = true;
            }
        }
        let mut bands: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for place in (0..self.places.len()).filter(|&place| linked[place]) {
            bands.entry(root(&mut of, place)).or_default().push(place);
        }
        (bands.into_values().collect(), (0..self.places.len()).filter(|&place| !linked[place]).collect())
    }

    /// The steps of an arrow from place to place.
    fn steps(&self, arrow: usize) -> impl Iterator<Item = (usize, usize)> {
        let (from, to, _) = self.arrows[arrow];
        let passes = &self.passes[arrow];
        std::iter::once(from).chain(passes.iter().copied()).zip(passes.iter().copied().chain([to]))
    }

    fn goes_back(&self, arrow: usize) -> bool {
        let (from, to, _) = self.arrows[arrow];
        self.column(from) >= self.column(to)
    }

    fn draw(mut self) -> Layout {
        let mut ins = vec![0usize; self.places.len()];
        let mut outs = vec![0usize; self.places.len()];
        for &(from, to, _) in &self.arrows {
            outs[from] += 1;
            ins[to] += 1;
        }
        for (index, place) in self.places.iter_mut().enumerate().filter(|(_, place)| place.what != What::Free) {
            place.height = LOW.max(PORT * (ins[index].max(outs[index]) as f64) + 8.0);
        }
        let (bands, alone) = self.bands();
        let mut neighbours = vec![(Vec::new(), Vec::new()); self.places.len()];
        for arrow in (0..self.arrows.len()).filter(|&arrow| !self.goes_back(arrow)) {
            for (from, to) in self.steps(arrow) {
                neighbours[from].1.push(to);
                neighbours[to].0.push(from);
            }
        }
        let mut lanes = vec![None; self.arrows.len()];
        let mut back = vec![Vec::new(); self.places.len()];
        for arrow in (0..self.arrows.len()).filter(|&arrow| self.goes_back(arrow)) {
            back[self.arrows[arrow].0].push(arrow);
        }
        let mut top = MARGIN;
        for band in &bands {
            let mut bottom = self.band(band, &neighbours, top);
            for (number, &arrow) in band.iter().flat_map(|&place| &back[place]).enumerate() {
                bottom += PORT;
                lanes[arrow] = Some((bottom, 12.0 + 6.0 * (number % 6) as f64));
            }
            top = bottom + ROW + 14.0;
        }
        let most = self.places.iter().map(|place| place.column + 1).max().unwrap_or(1).max(3);
        for (index, &place) in alone.iter().enumerate() {
            let (row, column) = (index / most, index % most);
            self.places[place].column = column;
            self.places[place].y = top + row as f64 * (LOW + ROW);
        }
        let mut starts = vec![MARGIN];
        for room in self.rooms.iter().skip(1) {
            starts.push(starts.last().copied().unwrap_or(MARGIN) + BOX + BEND + room);
        }
        for place in &mut self.places {
            place.x = starts.get(place.column).copied().unwrap_or(MARGIN);
        }
        // The grid stands closer than columns with arrows between them.
        for &place in &alone {
            self.places[place].x = MARGIN + self.places[place].column as f64 * (BOX + ROW);
        }
        self.finish(&lanes)
    }

    /// Puts the places of a band under `top`, each as near as can be to what it is connected with; the bottom.
    fn band(&mut self, band: &[usize], neighbours: &[(Vec<usize>, Vec<usize>)], top: f64) -> f64 {
        let last = band.iter().map(|&place| self.column(place)).max().unwrap_or_default();
        let mut columns = vec![Vec::new(); last + 1];
        for &place in band {
            columns[self.column(place)].push(place);
        }
        let forth = (0..=last).map(|column| (column, true));
        let sweeps = forth.clone().chain((0..=last).rev().map(|column| (column, false))).chain(forth);
        for (column, by_senders) in sweeps.collect::<Vec<_>>() {
            let middle = |place: usize| self.places[place].y + self.places[place].height / 2.0;
            let wish = |(order, &place): (usize, &usize)| {
                let (senders, receivers) = &neighbours[place];
                let others = if by_senders { senders } else { receivers };
                let sum = others.iter().map(|&other| middle(other)).sum::<f64>();
                (if others.is_empty() { middle(place) } else { sum / others.len() as f64 }, order, place)
            };
            let mut wishes = columns[column].iter().enumerate().map(wish).collect::<Vec<_>>();
            wishes.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            let mut free = f64::MIN;
            let mut moved = 0.0;
            for &(wish, _, place) in &wishes {
                let height = self.places[place].height;
                let y = free.max(wish - height / 2.0);
                self.places[place].y = y;
                moved += y + height / 2.0 - wish;
                free = y + height + ROW;
            }
            moved /= wishes.len().max(1) as f64;
            columns[column] = wishes.into_iter().map(|(_, _, place)| place).collect();
            columns[column].iter().for_each(|&place| self.places[place].y -= moved);
        }
        let first = band.iter().map(|&place| self.places[place].y).fold(f64::MAX, f64::min);
        band.iter().for_each(|&place| self.places[place].y += top - first);
        band.iter().map(|&place| self.places[place].y + self.places[place].height).fold(top, f64::max)
    }

    /// Leads the arrows: those of one box begin and end beside each other, in the order of where they come from.
    fn finish(self, lanes: &[Option<(f64, f64)>]) -> Layout {
        let middle = |place: usize| self.places[place].y + self.places[place].height / 2.0;
        let port = |arrows: &mut Vec<(f64, usize)>, place: usize, points: &mut [f64]| {
            arrows.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            let start = middle(place) - PORT * (arrows.len().saturating_sub(1)) as f64 / 2.0;
            for (number, &(_, arrow)) in arrows.iter().enumerate() {
                points[arrow] = start + PORT * number as f64;
            }
        };
        let mut begin = vec![0.0; self.arrows.len()];
        let mut end = vec![0.0; self.arrows.len()];
        let mut leaving = vec![Vec::new(); self.places.len()];
        let mut coming = vec![Vec::new(); self.places.len()];
        for (arrow, &(from, to, _)) in self.arrows.iter().enumerate() {
            let passes = &self.passes[arrow];
            let lane = lanes[arrow].map(|(lane, _)| lane);
            leaving[from].push((lane.unwrap_or_else(|| middle(passes.first().copied().unwrap_or(to))), arrow));
            coming[to].push((lane.unwrap_or_else(|| middle(passes.last().copied().unwrap_or(from))), arrow));
        }
        leaving.iter_mut().enumerate().for_each(|(place, arrows)| port(arrows, place, &mut begin));
        coming.iter_mut().enumerate().for_each(|(place, arrows)| port(arrows, place, &mut end));
        let mut ways = Vec::with_capacity(self.arrows.len());
        for (arrow, &(from, to, _)) in self.arrows.iter().enumerate() {
            let mut points = vec![(self.places[from].x + BOX, begin[arrow])];
            // Words stand on straight lines only.
            let room = |place: usize| self.places[place].x - self.rooms.get(self.column(place)).copied().unwrap_or(0.0);
            for &place in &self.passes[arrow] {
                points.push((room(place), middle(place)));
                points.push((self.places[place].x + BOX, middle(place)));
            }
            if lanes[arrow].is_none() {
                points.push((room(to), end[arrow]));
            }
            points.push((self.places[to].x, end[arrow]));
            ways.push(Way { points, lane: lanes[arrow] });
        }
        let boxes = self.places.into_iter().filter(|place| place.what != What::Free).collect::<Vec<_>>();
        let lowest = lanes.iter().flatten().map(|(lane, _)| *lane);
        let lowest = boxes.iter().map(|place| place.y + place.height).chain(lowest).fold(0.0, f64::max);
        let widest = boxes.iter().map(|place| place.x + BOX).fold(0.0, f64::max);
        // An arrow that leads back goes around the outermost boxes.
        let around = if lanes.iter().any(Option::is_some) { 28.0 } else { 0.0 };
        Layout { boxes, ways, width: widest + MARGIN + around, height: lowest + MARGIN }
    }
}
