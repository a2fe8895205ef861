mod cases;
mod contents;
mod decisions;
mod reports;
mod stages;
mod telling;
