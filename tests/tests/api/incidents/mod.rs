mod cases;
mod contents;
mod decisions;
mod rehearsal;
mod reports;
mod stages;
mod telling;
