/* Starts the modules of a page. Each module minds one thing and finds its own hooks (data-* attributes). */
import "./clock.js";
import "./number.js";
import "./outbox.js";
import "./lock.js";
import "./scan.js";
import "./gs1.js";
import "./scan_test.js";
import "./sound.js";
import "./drafts.js";
import "./upload.js";
import "./stages.js";
import "./dialogs.js";
import "./bedside.js";

document.documentElement.dataset.ready = "";
