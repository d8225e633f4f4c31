CREATE TABLE "absence" (
	"source_id" text NOT NULL,
	"arm_id" text NOT NULL,
	"first_confirmed_at" timestamp (3) with time zone NOT NULL,
	"last_confirmed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "absence_source_id_arm_id_pk" PRIMARY KEY("source_id","arm_id")
);
--> statement-breakpoint
CREATE TABLE "assessment" (
	"cluster_id" uuid NOT NULL,
	"source_id" text NOT NULL,
	"due_at" timestamp (3) with time zone,
	"facts_digest" uuid,
	"rules_digest" uuid,
	"calendar" text,
	"minor" text,
	"plan" text,
	"phase" text DEFAULT 'Unknown' NOT NULL,
	"reason" text DEFAULT 'NotJudged' NOT NULL,
	"message" text DEFAULT '' NOT NULL,
	"ends_at" date,
	"standard_end" date,
	"extended_end" date,
	"lts_only" boolean DEFAULT false NOT NULL,
	"calendar_source" text,
	"calendar_as_of" date,
	"latest_patch" text,
	"upgrade_targets" text[] DEFAULT '{}' NOT NULL,
	"judged_at" timestamp (3) with time zone,
	CONSTRAINT "assessment_cluster_id_source_id_pk" PRIMARY KEY("cluster_id","source_id")
);
--> statement-breakpoint
CREATE TABLE "finding" (
	"id" uuid NOT NULL,
	"source_id" text NOT NULL,
	"cluster_id" uuid NOT NULL,
	"policy" text NOT NULL,
	"policy_version" text NOT NULL,
	"rule" text NOT NULL,
	"type" text NOT NULL,
	"severity" text NOT NULL,
	"outcome" text NOT NULL,
	"message" text NOT NULL,
	"evidence" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"cause" text NOT NULL,
	"violated_since" timestamp (3) with time zone,
	"grace_until" timestamp (3) with time zone,
	"waiver_id" uuid,
	"holds_until" timestamp (3) with time zone,
	"judged_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "finding_id_source_id_pk" PRIMARY KEY("id","source_id")
);
--> statement-breakpoint
CREATE TABLE "policy" (
	"name" text PRIMARY KEY NOT NULL,
	"position" integer NOT NULL,
	"version" text NOT NULL,
	"document" jsonb NOT NULL,
	"registered_at" timestamp (3) with time zone NOT NULL,
	"removed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "region_versions" (
	"source_id" text NOT NULL,
	"region" text NOT NULL,
	"minors" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"read_at" timestamp (3) with time zone,
	"attempt_at" timestamp (3) with time zone NOT NULL,
	"trouble_message" text,
	CONSTRAINT "region_versions_source_id_region_pk" PRIMARY KEY("source_id","region")
);
--> statement-breakpoint
CREATE TABLE "support_calendar" (
	"calendar" text NOT NULL,
	"minor" text NOT NULL,
	"plan" text NOT NULL,
	"origin" text NOT NULL,
	"region" text DEFAULT '' NOT NULL,
	"available_at" date,
	"ends_at" date,
	"source" text NOT NULL,
	"as_of" date NOT NULL,
	CONSTRAINT "support_calendar_calendar_minor_plan_origin_region_pk" PRIMARY KEY("calendar","minor","plan","origin","region")
);
--> statement-breakpoint
CREATE TABLE "waiver" (
	"id" uuid PRIMARY KEY NOT NULL,
	"policy" text,
	"rule" text,
	"selector" jsonb NOT NULL,
	"owner" text NOT NULL,
	"reason" text NOT NULL,
	"approved_by" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"revoked_by" text,
	"origin" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "object" ADD COLUMN "last_read_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "source" ADD COLUMN "parent_id" text;--> statement-breakpoint
ALTER TABLE "source" ADD COLUMN "polled" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "source" ADD COLUMN "arm_id" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "kind" text DEFAULT 'cluster.x-k8s.io/Cluster' NOT NULL;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "country" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "geographies" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "arm_source_id" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "resource_uid" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "node_resource_group" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "created_by" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "support_plan" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "tier" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "power_state" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "upgrade_channel" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "node_os_upgrade_channel" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "components" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "declared_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "witnesses" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "disagreements" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "skew_minors" integer;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "last_read_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "arm_last_read_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "unread_pools" integer;--> statement-breakpoint
ALTER TABLE "node_pool" ADD COLUMN "image_released_at" date;--> statement-breakpoint
ALTER TABLE "node_pool" ADD COLUMN "os" text;--> statement-breakpoint
ALTER TABLE "node_pool" ADD COLUMN "skew_minors" integer;--> statement-breakpoint
CREATE INDEX "absence_by_arm_id" ON "absence" USING btree ("arm_id");--> statement-breakpoint
CREATE INDEX "assessment_by_due" ON "assessment" USING btree ("due_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "finding_by_cluster" ON "finding" USING btree ("cluster_id","policy","rule");--> statement-breakpoint
CREATE INDEX "finding_by_since" ON "finding" USING btree ("since","id");--> statement-breakpoint
CREATE INDEX "finding_by_severity" ON "finding" USING btree (((case severity when 'critical' then 0 when 'high' then 1 when 'medium' then 2 when 'low' then 3 end * 100000000000000 + floor(extract(epoch from (since - '2000-01-01 00:00:00+00'::timestamptz)) * 1000))::bigint),"id");--> statement-breakpoint
CREATE INDEX "finding_by_policy" ON "finding" USING btree ("policy","rule","outcome");--> statement-breakpoint
CREATE INDEX "finding_by_waiver" ON "finding" USING btree ("waiver_id") WHERE waiver_id is not null;--> statement-breakpoint
CREATE INDEX "change_of_finding" ON "change" USING btree ("subject_id","received_at") WHERE subject = 'finding';--> statement-breakpoint
CREATE INDEX "object_unread" ON "object" USING btree ("source_id","kind") WHERE last_read_at is not null;--> statement-breakpoint
INSERT INTO "unsettled" ("source_id", "cluster_id", "owner_namespace", "owner_name")
SELECT "source_id", "id", "namespace", "name" FROM "cluster" WHERE "gone_at" IS NULL;--> statement-breakpoint
INSERT INTO "assessment" ("cluster_id", "source_id", "due_at")
SELECT "id", "source_id", now() FROM "cluster" WHERE "gone_at" IS NULL;
