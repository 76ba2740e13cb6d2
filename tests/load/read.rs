//! Reading: a flow by id beside the bare select; a start that was made before; a list.

use crate::{
    Failure,
    ask::Ask,
    drive,
    pgbench::Script,
    postgres,
    report::{Report, Side},
    say,
    server::Jobs,
    settings::Settings,
    start::World,
};

/// Starts that are made before, to be repeated.
const MADE: u64 = 500;

/// Measures it.
pub async fn measure(settings: &Settings, report: &mut Report) -> Result<(), Failure> {
    let world = World::make(settings, &[]).await?;
    let template = world.template(settings).await?;
    template.multiply(&postgres::connect(&world.url).await?, settings.flows).await?;
    report.section("Reading");
    report.line(&format!("{} flows are there.\n", settings.flows));
    let made = drive::numbers();
    let server = world.serve(settings, Jobs::Left).await?;
    for number in 0..MADE {
        drive::once(&server, Ask::Start, made, number).await?;
    }
    server.end().await?;
    let select = Script::select(world.folder.path(), &template, settings.flows)?;
    let (mut bare, mut read, mut replay, mut list) = (vec![], vec![], vec![], vec![]);
    for round in 1..=settings.rounds {
        say(&format!("  round {round}"));
        bare.push(select.measure(settings, &world.postgres, &world.url).await?);
        read.push(world.window(settings, Jobs::Left, Ask::Read(settings.flows)).await?);
        replay.push(world.window_from(settings, Jobs::Left, Ask::Replay(MADE), made).await?);
        list.push(world.window(settings, Jobs::Left, Ask::List).await?);
    }
    report.sides(
        "read",
        &[
            Side { name: "the bare select", samples: &bare },
            Side { name: "signFlow by id", samples: &read },
            Side { name: "startSignFlow, repeated", samples: &replay },
            Side { name: "signFlows, the newest 20", samples: &list },
        ],
    );
    world.end().await
}
