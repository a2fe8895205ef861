mod cases;
mod reports;
mod stages;
