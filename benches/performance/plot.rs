//! A plot of two series against a size, as SVG.

use std::fmt::Write;

/// What is measured, in two ways, at some sizes.
pub(crate) struct Plot<'a> {
    pub(crate) title: &'a str,
    pub(crate) unit: &'a str,
    pub(crate) names: [&'a str; 2],
    pub(crate) sizes: &'a [usize],
    pub(crate) values: [Vec<f64>; 2],
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 50.0;
const RIGHT: f64 = 20.0;
const BOTTOM: f64 = 50.0;
const COLORS: [&str; 2] = ["#c0392b", "#1f77b4"];

impl Plot<'_> {
    pub(crate) fn svg(&self) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
             <text x=\"{LEFT}\" y=\"22\" font-size=\"15\">{}</text>\n",
            self.title
        );
        self.axes(&mut svg);
        for (series, (name, values)) in self.names.iter().zip(&self.values).enumerate() {
            let color = COLORS[series];
            let points = self.sizes.iter().zip(values);
            let points = points.map(|(&size, &value)| {
                let (x, y) = self.place(size as f64, value);
                format!("{x:.1},{y:.1}")
            });
            let points = points.collect::<Vec<_>>().join(" ");
            let x = LEFT + 10.0 + 200.0 * series as f64;
            let y = TOP - 10.0;
            // A string takes whatever is written.
            let _ = write!(
                svg,
                "<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>\n\
                 <text x=\"{x}\" y=\"{y}\" fill=\"{color}\">{name}</text>\n"
            );
        }
        svg + "</svg>\n"
    }

    fn axes(&self, svg: &mut String) {
        const STEPS: u32 = 5;
        let (largest, most) = self.largest();
        for step in 0..=STEPS {
            let part = f64::from(step) / f64::from(STEPS);
            let (x, y) = self.place(largest * part, most * part);
            let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
            let (below, before) = (bottom + 18.0, LEFT - 8.0);
            let (size, value) = (largest * part, most * part);
            let digits = usize::from(most < 20.0);
            let _ = write!(
                svg,
                "<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"#dddddd\"/>\n\
                 <text x=\"{before}\" y=\"{:.1}\" text-anchor=\"end\">{value:.digits$}</text>\n\
                 <text x=\"{x:.1}\" y=\"{below}\" text-anchor=\"middle\">{size:.0}</text>\n",
                y + 4.0
            );
        }
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">webhooks</text>\n\
             <text x=\"12\" y=\"{TOP}\">{}</text>\n",
            (WIDTH + LEFT) / 2.0,
            HEIGHT - 10.0,
            self.unit
        );
    }

    fn largest(&self) -> (f64, f64) {
        let size = self.sizes.iter().copied().max().unwrap_or(1);
        let value = self.values.iter().flatten().copied().fold(1.0, f64::max);
        (size as f64, value)
    }

    fn place(&self, size: f64, value: f64) -> (f64, f64) {
        let (largest, most) = self.largest();
        let (width, height) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        (
            LEFT + width * size / largest,
            TOP + height * (1.0 - value / most),
        )
    }
}
